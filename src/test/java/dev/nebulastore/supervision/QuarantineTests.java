package dev.nebulastore.supervision;

import static dev.nebulastore.supervision.Supervised.MAX_RETRY;
import static dev.nebulastore.supervision.Supervised.RETRY;
import static dev.nebulastore.supervision.Supervised.WITHIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The length of a quarantine, to the millisecond. The test determines the jitter. */
class QuarantineTests {

  /** The lowest and the highest random number. */
  private static final RandomGenerator LEAST = () -> 0;

  private static final RandomGenerator MOST = () -> -1;

  /** The quarantines of a shard whose worker dies immediately after each retry. */
  private static List<Long> quarantines(RandomGenerator chance, int relapses) {
    List<Long> delays = new ArrayList<>();
    try (Supervised house = new Supervised(1, chance, List.of())) {
      house.killUntilQuarantined(0);
      delays.add(house.quarantine(0).toMillis());
      for (int i = 0; i < relapses; i++) {
        house.pass(house.quarantine(0));
        house.kill(0);
        assertThat(house.isQuarantined(0)).as("relapse %d", i).isTrue();
        delays.add(house.quarantine(0).toMillis());
      }
    }
    return delays;
  }

  @Test
  void relapsesDoubleTheQuarantine() {
    assertThat(quarantines(LEAST, 5))
        .containsExactly(8_000L, 16_000L, 32_000L, 60_000L, 60_000L, 60_000L);
    assertThat(quarantines(MOST, 3)).containsExactly(11_999L, 23_999L, 47_999L, 60_000L);
  }

  /** Even after so many retries that doubling the delay would overflow. */
  @Test
  void quarantineStaysWithinItsBounds() {
    List<Long> delays = quarantines(MOST, 80);
    assertThat(delays.subList(3, delays.size())).containsOnly(MAX_RETRY.toMillis());
  }

  @Test
  void quarantinesEndAtDifferentTimes() {
    RandomGenerator chance = RandomGenerator.of("L64X128MixRandom");
    try (Supervised house = new Supervised(4, chance, List.of())) {
      for (int shard = 0; shard < 4; shard++) {
        house.killUntilQuarantined(shard);
      }
      List<Duration> delays =
          List.of(
              house.quarantine(0), house.quarantine(1), house.quarantine(2), house.quarantine(3));
      assertThat(delays)
          .doesNotHaveDuplicates()
          .allSatisfy(rest ->
              assertThat(rest)
                  .isBetween(
                      RETRY.multipliedBy(8).dividedBy(10), RETRY.multipliedBy(12).dividedBy(10)));
    }
  }

  @Test
  void recoveredShardsStartFromZero() {
    try (Supervised house = new Supervised(1, LEAST, List.of())) {
      house.killUntilQuarantined(0);
      house.pass(house.quarantine(0));
      house.kill(0);
      assertThat(house.quarantine(0)).isEqualTo(Duration.ofSeconds(16));
      house.pass(house.quarantine(0));
      house.pass(WITHIN.plusNanos(1));
      for (int i = 0; i < Supervised.MAX_RESTARTS; i++) {
        house.kill(0);
        assertThat(house.isQuarantined(0)).as("death %d after it recovered", i).isFalse();
      }
      house.kill(0);
      assertThat(house.isQuarantined(0)).isTrue();
      assertThat(house.quarantine(0)).isEqualTo(Duration.ofSeconds(8));
    }
  }
}
