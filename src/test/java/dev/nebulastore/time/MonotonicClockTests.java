package dev.nebulastore.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MonotonicClockTests {

  private static final Duration TWO_HOURS = Duration.ofHours(2);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final AtomicReference<Instant> system =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00.123456Z"));
  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
  private final MonotonicClock time = new MonotonicClock(system::get, nanoTime::get);

  private void pass(Duration by) {
    jump(by);
    nanoTime.addAndGet(by.toNanos());
  }

  private void jump(Duration by) {
    system.updateAndGet(now -> now.plus(by));
  }

  @Test
  void countsWholeMilliseconds() {
    assertThat(time.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
    assertThat(time.system()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
  }

  @Test
  void returnsOneObjectPerMillisecond() {
    Instant first = time.instant();
    pass(Duration.ofNanos(500_000));
    assertThat(time.instant()).isSameAs(first);
  }

  @Test
  void followsTheSystemClock() {
    for (int i = 0; i < 1_000; i++) {
      pass(Duration.ofNanos(777_777));
      assertThat(time.instant().toEpochMilli()).isEqualTo(system.get().toEpochMilli());
      assertThat(time.ahead()).isZero();
    }
  }

  @Test
  void followsAJumpForwardAtOnce() {
    Instant before = time.instant();
    jump(TWO_HOURS);
    assertThat(time.instant()).isEqualTo(before.plus(TWO_HOURS));
    assertThat(time.ahead()).isZero();
  }

  @Test
  void runsOnWhenTheClockIsSetBack() {
    Instant before = time.instant();
    jump(TWO_HOURS.negated());
    assertThat(time.instant()).isEqualTo(before);
    pass(SECOND);
    assertThat(time.instant()).isEqualTo(before.plus(SECOND));
    assertThat(time.ahead()).isEqualTo(TWO_HOURS);
  }

  @Test
  void runsWithoutBeingRead() {
    Instant before = time.instant();
    pass(Duration.ofHours(3));
    jump(TWO_HOURS.negated());
    assertThat(time.instant()).isEqualTo(before.plus(Duration.ofHours(3)));
  }

  @Test
  void frequentReadsLoseNoTime() {
    Instant before = time.instant();
    jump(TWO_HOURS.negated());
    for (int i = 0; i < 10_000; i++) {
      pass(Duration.ofNanos(333_333));
      var _ = time.instant();
    }
    assertThat(time.instant()).isEqualTo(before.plusMillis(3_333));
  }

  @Test
  void isTheSystemClockAgainOnceCaughtUp() {
    var _ = time.instant();
    jump(TWO_HOURS.negated());
    pass(SECOND);
    jump(TWO_HOURS.plus(SECOND));
    assertThat(time.instant().toEpochMilli()).isEqualTo(system.get().toEpochMilli());
    assertThat(time.ahead()).isZero();
  }

  @Test
  void reportsAStableDifference() {
    var _ = time.instant();
    jump(TWO_HOURS.negated());
    Duration ahead = time.ahead();
    jump(Duration.ofMillis(19));
    assertThat(time.ahead()).as("two clocks differ slightly").isEqualTo(ahead);
    jump(SECOND);
    assertThat(time.ahead()).isBetween(ahead.minusMillis(1_020), ahead.minusMillis(1_000));
  }

  @Test
  void continuesFromTheLastProcess() {
    Instant last = time.instant().plus(TWO_HOURS);
    time.advanceTo(last);
    assertThat(time.instant()).isEqualTo(last);
    pass(SECOND);
    assertThat(time.instant()).isEqualTo(last.plus(SECOND));
    time.advanceTo(last);
    assertThat(time.instant()).as("never back").isEqualTo(last.plus(SECOND));
    assertThat(time.ahead()).isEqualTo(TWO_HOURS);
  }

  /**
   * However the clock is changed, time never goes back and keeps at least the pace of the machine.
   */
  @Test
  void neverGoesBackOrStops() {
    Random random = new Random(11);
    Instant before = time.instant();
    for (int i = 0; i < 10_000; i++) {
      Duration passed = Duration.ofMillis(random.nextInt(50));
      pass(passed);
      if (random.nextInt(10) == 0) {
        jump(Duration.ofMillis(random.nextInt(-10_000_000, 10_000_000)));
      }
      Instant now = time.instant();
      assertThat(now).isAfterOrEqualTo(before.plus(passed));
      assertThat(now).isAfterOrEqualTo(time.system());
      before = now;
    }
  }

  @Test
  void neverGoesBackForAnyThread() {
    List<CompletableFuture<Boolean>> readers =
        new ArrayList<>(
            IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(this::readsOnlyForward))
                .toList());
    Random random = new Random(12);
    for (int i = 0; i < 50_000; i++) {
      pass(Duration.ofNanos(random.nextInt(1_000_000)));
      jump(Duration.ofMillis(random.nextInt(-100, 100)));
    }
    readers.forEach(reader -> assertThat(reader.join()).isTrue());
  }

  private boolean readsOnlyForward() {
    Instant before = time.instant();
    for (int i = 0; i < 100_000; i++) {
      Instant now = time.instant();
      if (now.isBefore(before)) {
        return false;
      }
      before = now;
    }
    return true;
  }
}
