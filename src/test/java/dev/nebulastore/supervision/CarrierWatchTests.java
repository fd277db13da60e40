package dev.nebulastore.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** On simulated time. */
class CarrierWatchTests {

  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final Duration STUCK_AFTER = Duration.ofSeconds(2);

  private final FakeCarriers carriers = new FakeCarriers();
  private long now = Long.MAX_VALUE - 1_000;
  private final CarrierWatch watch = new CarrierWatch(carriers, INTERVAL, STUCK_AFTER, now);

  private Duration look(Duration after) {
    now += after.toNanos();
    return Duration.ofNanos(watch.look(now));
  }

  @Test
  void timeInWhichTheCanaryRanCounts() {
    carriers.run(INTERVAL);
    assertThat(look(INTERVAL)).isEqualTo(INTERVAL);
    assertThat(watch.held()).isFalse();
  }

  @Test
  void onlyTimeInWhichTheCanaryRanCounts() {
    carriers.run(INTERVAL.dividedBy(10));
    assertThat(look(INTERVAL)).isEqualTo(INTERVAL.dividedBy(10));
    assertThat(look(INTERVAL)).isZero();
  }

  @Test
  void lateLooksCountForOneInterval() {
    carriers.run(Duration.ofMinutes(1));
    assertThat(look(Duration.ofMinutes(1))).isEqualTo(INTERVAL);
  }

  private int looksUntilHeld(Duration processorTime) {
    for (int looks = 1; looks <= 1_000; looks++) {
      carriers.use(processorTime);
      assertThat(look(INTERVAL)).isZero();
      if (watch.held()) {
        return looks;
      }
    }
    throw new AssertionError("never held");
  }

  @Test
  void silenceWithProcessorTimeMeansHeld() {
    assertThat(looksUntilHeld(INTERVAL.multipliedBy(2))).isEqualTo(8 * CarrierWatch.HELD_CPU / 2);
  }

  @Test
  void shortSilenceIsNotHeld() {
    assertThat(looksUntilHeld(STUCK_AFTER.multipliedBy(100))).isEqualTo(8);
  }

  @Test
  void starvedProcessesAreHeldOnlyAfterLong() {
    assertThat(looksUntilHeld(INTERVAL.dividedBy(20))).isEqualTo(8 * CarrierWatch.HELD_LONG);
  }

  @Test
  void stoppedProcessesAreNotHeld() {
    look(Duration.ofHours(1));
    assertThat(watch.held()).isFalse();
  }

  @Test
  void firstAnswerEndsIt() {
    looksUntilHeld(INTERVAL.multipliedBy(2));
    carriers.run(INTERVAL.dividedBy(10));
    look(INTERVAL);
    assertThat(watch.held()).isFalse();
    carriers.use(STUCK_AFTER.multipliedBy(100));
    look(INTERVAL);
    assertThat(watch.held()).as("the silence starts again").isFalse();
  }
}
