package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpiryLowWatermarkTests {

  private static final Instant T1 = Instant.ofEpochSecond(1);
  private static final Instant T2 = Instant.ofEpochSecond(2);
  private static final Instant T3 = Instant.ofEpochSecond(3);

  private final ExpiryLowWatermark watermark = new ExpiryLowWatermark();

  @Test
  void beginsAtTheFirstExpiryFound() {
    assertThat(watermark.begin()).isEqualTo(Instant.EPOCH);
    watermark.nothingBefore(T2);
    assertThat(watermark.begin()).isEqualTo(T2);
  }

  @Test
  void isLoweredByAnEarlierExpiry() {
    watermark.nothingBefore(T3);
    watermark.about(T2);
    watermark.done();
    watermark.about(Instant.MAX);
    watermark.done();
    assertThat(watermark.begin()).isEqualTo(T2);
  }

  @Test
  void staysBelowWritesMadeDuringTheScan() {
    assertThat(watermark.begin()).isEqualTo(Instant.EPOCH);
    watermark.about(T1);
    watermark.done();
    watermark.nothingBefore(T3);
    assertThat(watermark.begin()).isEqualTo(T1);
  }

  @Test
  void staysBelowWritesInFlightWhenTheReaderBegins() {
    watermark.about(T1);
    assertThat(watermark.begin()).isEqualTo(Instant.EPOCH);
    watermark.done();
    watermark.nothingBefore(T3);
    assertThat(watermark.begin()).isEqualTo(T1);
    watermark.nothingBefore(T3);
    assertThat(watermark.begin()).as("seen by the next search").isEqualTo(T3);
  }
}
