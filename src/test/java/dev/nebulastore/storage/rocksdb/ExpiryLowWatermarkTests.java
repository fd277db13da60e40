package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpiryLowWatermarkTests {

  private static final Instant T1 = Instant.ofEpochSecond(1);
  private static final Instant T2 = Instant.ofEpochSecond(2);
  private static final Instant T3 = Instant.ofEpochSecond(3);

  private final ExpiryLowWatermark soonest = new ExpiryLowWatermark();

  @Test
  void beginsWhereTheReaderSawTheFirst() {
    assertThat(soonest.begin()).isEqualTo(Instant.EPOCH);
    soonest.nothingBefore(T2);
    assertThat(soonest.begin()).isEqualTo(T2);
  }

  @Test
  void goesBackForAnEarlierOneThatIsWritten() {
    soonest.nothingBefore(T3);
    soonest.about(T2);
    soonest.done();
    soonest.about(Instant.MAX);
    soonest.done();
    assertThat(soonest.begin()).isEqualTo(T2);
  }

  @Test
  void staysBelowWhatIsWrittenWhileTheReaderLooks() {
    assertThat(soonest.begin()).isEqualTo(Instant.EPOCH);
    soonest.about(T1);
    soonest.done();
    soonest.nothingBefore(T3);
    assertThat(soonest.begin()).isEqualTo(T1);
  }

  @Test
  void staysBelowWhatWasUnderWayWhenTheReaderBeganToLook() {
    soonest.about(T1);
    assertThat(soonest.begin()).isEqualTo(Instant.EPOCH);
    soonest.done();
    soonest.nothingBefore(T3);
    assertThat(soonest.begin()).isEqualTo(T1);
    soonest.nothingBefore(T3);
    assertThat(soonest.begin()).as("seen by the next look").isEqualTo(T3);
  }
}
