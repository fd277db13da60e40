package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.http.ContentMemory.Share;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class ContentMemoryTests {

  private static final int LIMIT = 100_000;

  private final ContentMemory memory = new ContentMemory(DataSize.ofBytes(LIMIT));

  @Test
  void allSharesTogetherHaveALimitAndGiveBackWhatTheyHave() {
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

  @Test
  void aLittleOfEachIsNotCounted() {
    try (Share full = memory.share();
        Share small = memory.share()) {
      full.need(LIMIT + ContentMemory.FREE);
      assertThat(small.has(ContentMemory.FREE)).isTrue();
      assertThat(small.has(ContentMemory.FREE + 1)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8_191, 8_192, 8_193, 16_384, 49_999, 50_000, 50_001, 70_000})
  void readsWhatComesOrOneByteMoreThanAllowed(int size) throws IOException {
    byte[] sent = new byte[size];
    new Random(size).nextBytes(sent);
    int most = 50_000;
    try (Share share = memory.share()) {
      byte[] read = share.read(new ByteArrayInputStream(sent), most, new TimeSlice());
      assertThat(read).hasSize(Math.min(size, most + 1));
      assertThat(read).isEqualTo(Arrays.copyOf(sent, read.length));
      assertThat(memory.taken()).isBetween(Math.max(0L, read.length - 8_192L), 2L * size);
    }
  }

  @Test
  void readsNoMoreThanThereIsRoomFor() {
    var in = new ByteArrayInputStream(new byte[10 * LIMIT]);
    try (Share share = memory.share()) {
      assertThatExceptionOfType(Overloaded.class)
          .isThrownBy(() -> share.read(in, 10 * LIMIT, new TimeSlice()));
    }
    assertThat(in.available()).isGreaterThan(9 * LIMIT - ContentMemory.FREE);
  }
}
