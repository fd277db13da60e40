package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.http.ContentMemory.Share;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class ContentMemoryTests {

  private static final int LIMIT = 100_000;
  private static final int FREE = ContentMemory.FREE;
  private static final long SECOND = 1_000_000_000;

  private long now;

  private final ContentMemory memory = new ContentMemory(DataSize.ofBytes(LIMIT), 0, () -> now);

  @Test
  void sharesHaveACommonLimit() {
    try (Share one = memory.share();
        Share other = memory.share()) {
      one.need(60_000 + ContentMemory.FREE);
      assertThat(other.has(40_001 + ContentMemory.FREE)).isFalse();
      assertThat(other.has(40_000 + ContentMemory.FREE)).isTrue();
      assertThat(memory.taken()).isEqualTo(LIMIT);
      assertThat(one.has(10_000 + ContentMemory.FREE)).isTrue();
      assertThat(memory.taken()).isEqualTo(50_000);
      assertThatExceptionOfType(Overloaded.class).isThrownBy(() -> one.need(LIMIT));
      assertThat(memory.taken()).isEqualTo(50_000);
    }
    assertThat(memory.taken()).isZero();
  }

  private final CallerLimits callers =
      new CallerLimits(new CallerMaximum(0, 0, 0, 30_000), () -> now);

  private Share shareOf(String caller) {
    Peer peer = new Peer(() -> {});
    peer.isOf(callers.begin(caller, null));
    return memory.share(peer);
  }

  @Test
  void oneCallersSharesHaveALimitOfTheirOwn() {
    try (Share one = shareOf("a");
        Share same = shareOf("a");
        Share other = shareOf("b")) {
      one.need(20_000 + FREE);
      assertThat(same.has(10_001 + FREE)).isFalse();
      assertThat(memory.taken()).isEqualTo(20_000);
      assertThat(same.has(10_000 + FREE)).isTrue();
      assertThat(other.has(30_000 + FREE)).isTrue();
      one.need(5_000 + FREE);
      assertThat(same.reserve(7_500, 2)).isTrue();
      assertThat(same.reserve(1, 1)).isFalse();
      assertThat(same.keep(7_500, 2, 1)).isTrue();
      assertThat(same.reserve(7_500, 1)).isTrue();
      assertThat(same.keep(7_500, 1, 0)).isTrue();
      assertThat(memory.taken()).isEqualTo(5_000 + 10_000 + 7_500 + 30_000);
    }
    assertThat(memory.taken()).isZero();
    try (Share again = shareOf("a")) {
      assertThat(again.has(30_000 + FREE)).isTrue();
    }
  }

  /** What the memory of all refuses does not count for the caller. */
  @Test
  void refusedMemoryIsGivenBackToTheCaller() {
    try (Share full = memory.share();
        Share one = shareOf("a")) {
      full.need(LIMIT + FREE);
      assertThat(one.has(30_000 + FREE)).isFalse();
      full.need(0);
      assertThat(one.has(30_000 + FREE)).isTrue();
    }
  }

  @Test
  void smallSharesAreNotCounted() {
    try (Share full = memory.share();
        Share small = memory.share()) {
      full.need(LIMIT + ContentMemory.FREE);
      assertThat(small.has(ContentMemory.FREE)).isTrue();
      assertThat(small.has(ContentMemory.FREE + 1)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8_191, 8_192, 8_193, 16_384, 49_999, 50_000, 50_001, 70_000})
  void readsAllOrOneByteMoreThanAllowed(int size) throws IOException {
    byte[] sent = new byte[size];
    new Random(size).nextBytes(sent);
    int most = 50_000;
    try (Share share = memory.share()) {
      byte[] read = share.read(new ByteArrayInputStream(sent), -1, most, new TimeSlice());
      assertThat(read).hasSize(Math.min(size, most + 1));
      assertThat(read).isEqualTo(Arrays.copyOf(sent, read.length));
      assertThat(memory.taken()).isEqualTo(Math.max(0L, read.length - 8_192L));
    }
  }

  /** A growing body is in memory twice while it is copied. */
  @Test
  void countsTheCopyOfAGrowingBody() throws IOException {
    try (Share share = memory.share()) {
      var fits = new ByteArrayInputStream(new byte[40_000]);
      assertThat(share.read(fits, 40_000, LIMIT, new TimeSlice())).hasSize(40_000);
    }
    try (Share share = memory.share()) {
      var tooLarge = new ByteArrayInputStream(new byte[75_000]);
      assertThatExceptionOfType(Overloaded.class)
          .as("65,536 + 75,000 - 8,192 is more than 100,000, but 75,000 is not")
          .isThrownBy(() -> share.read(tooLarge, 75_000, LIMIT, new TimeSlice()));
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void countsLargeArraysByHeapRegions() {
    ContentMemory regions = new ContentMemory(DataSize.ofBytes(LIMIT), 1_000, () -> now);
    assertThat(regions.cost(483)).isEqualTo(483);
    assertThat(regions.cost(484)).isEqualTo(1_000);
    assertThat(regions.cost(984)).isEqualTo(1_000);
    assertThat(regions.cost(985)).isEqualTo(2_000);
  }

  @Test
  void valuesAreCountedWithACopyBeforeTheyAreRead() {
    try (Share share = memory.share();
        Share other = memory.share()) {
      assertThat(share.reserve(50_001, 2)).isFalse();
      assertThat(share.reserve(50_000, 2)).isTrue();
      assertThat(memory.taken()).isEqualTo(LIMIT);
      assertThat(other.reserve(1, 1)).isFalse();
      assertThat(share.keep(50_000, 2, 1)).isTrue();
      assertThat(memory.taken()).isEqualTo(50_000);
      share.cover(49_000);
      assertThat(memory.taken()).as("it was counted when it was read").isEqualTo(50_000);
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void lateReadsCountUntilTheyAreDropped() {
    Share share = memory.share();
    assertThat(share.reserve(50_000, 2)).isTrue();
    share.close();
    assertThat(memory.taken()).as("it is being read").isEqualTo(LIMIT);
    assertThat(share.keep(50_000, 2, 1)).isFalse();
    assertThat(memory.taken()).isZero();
    assertThat(share.reserve(1, 1)).as("the request has ended").isFalse();
  }

  /** A share that holds a value of this size. */
  private Share holder(Peer peer, int size) {
    Share share = memory.share(peer);
    assertThat(share.reserve(size, 1)).isTrue();
    assertThat(share.keep(size, 1, 1)).isTrue();
    return share;
  }

  @Test
  void evictsTheSlowestClients() {
    AtomicInteger evicted = new AtomicInteger();
    Peer slowest = new Peer(() -> evicted.addAndGet(1));
    Peer slower = new Peer(() -> evicted.addAndGet(10));
    Peer quick = new Peer(() -> evicted.addAndGet(100));
    Peer served = new Peer(() -> evicted.addAndGet(1_000));
    slower.isAwaited(2);
    slowest.isAwaited(1);
    now = SECOND;
    quick.isAwaited(now);
    now = SECOND + 2;
    try (Share _ = holder(slower, 30_000);
        Share first = holder(slowest, 30_000);
        Share _ = holder(quick, 20_000);
        Share _ = holder(served, 20_000);
        Share next = memory.share()) {
      assertThat(next.reserve(60_001, 1)).as("evicting two would not be enough").isFalse();
      assertThat(evicted).hasValue(0);
      assertThat(next.reserve(30_000, 1)).isTrue();
      assertThat(evicted).hasValue(1);
      assertThat(memory.evicted()).isEqualTo(1);
      assertThat(memory.taken()).isEqualTo(LIMIT);
      assertThat(first.has(FREE + 1)).as("it was evicted").isFalse();
      assertThat(next.keep(30_000, 1, 1)).isTrue();
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void clientsWithRecentProgressStay() {
    Peer peer = new Peer(() -> {});
    peer.isAwaited(1);
    now = SECOND;
    peer.isAwaited(2);
    try (Share _ = holder(peer, LIMIT);
        Share next = memory.share()) {
      assertThat(next.reserve(1, 1)).isFalse();
      now = SECOND + 2;
      peer.isNotAwaited();
      assertThat(next.reserve(1, 1)).as("it is being served").isFalse();
      peer.isAwaited(3);
      now = SECOND + 3;
      assertThat(next.reserve(1, 1)).isTrue();
    }
  }

  @Test
  void readingStopsAtTheLimit() {
    var in = new ByteArrayInputStream(new byte[10 * LIMIT]);
    try (Share share = memory.share()) {
      assertThatExceptionOfType(Overloaded.class)
          .isThrownBy(() -> share.read(in, -1, 10 * LIMIT, new TimeSlice()));
    }
    assertThat(in.available()).isGreaterThan(9 * LIMIT - ContentMemory.FREE);
  }
}
