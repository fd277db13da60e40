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

/**
 * How long a shard rests that was quarantined, to the millisecond: chance is what the test says.
 */
class RestTests {

  /** Chance at its least and at its most. */
  private static final RandomGenerator LEAST = () -> 0;

  private static final RandomGenerator MOST = () -> -1;

  /** The rests of a shard that dies each time as soon as it has a worker again. */
  private static List<Long> restsInMillis(RandomGenerator chance, int relapses) {
    List<Long> rests = new ArrayList<>();
    try (Supervised house = new Supervised(1, chance, List.of())) {
      house.killUntilAside(0);
      rests.add(house.rest(0).toMillis());
      for (int i = 0; i < relapses; i++) {
        house.pass(house.rest(0));
        house.kill(0);
        assertThat(house.isAside(0)).as("relapse %d", i).isTrue();
        rests.add(house.rest(0).toMillis());
      }
    }
    return rests;
  }

  @Test
  void eachRelapseDoublesTheRestUpToTheMaximumVariedByAFifth() {
    assertThat(restsInMillis(LEAST, 5))
        .containsExactly(8_000L, 16_000L, 32_000L, 60_000L, 60_000L, 60_000L);
    assertThat(restsInMillis(MOST, 3)).containsExactly(11_999L, 23_999L, 47_999L, 60_000L);
  }

  /** Also after so many that twice the last one would be more than a number holds. */
  @Test
  void noNumberOfRelapsesMakesTheRestLongerOrShorter() {
    List<Long> rests = restsInMillis(MOST, 80);
    assertThat(rests.subList(3, rests.size())).containsOnly(MAX_RETRY.toMillis());
  }

  @Test
  void shardsThatFellTogetherDoNotComeBackTogether() {
    RandomGenerator chance = RandomGenerator.of("L64X128MixRandom");
    try (Supervised house = new Supervised(4, chance, List.of())) {
      for (int shard = 0; shard < 4; shard++) {
        house.killUntilAside(shard);
      }
      List<Duration> rests = List.of(house.rest(0), house.rest(1), house.rest(2), house.rest(3));
      assertThat(rests)
          .doesNotHaveDuplicates()
          .allSatisfy(rest ->
              assertThat(rest)
                  .isBetween(
                      RETRY.multipliedBy(8).dividedBy(10), RETRY.multipliedBy(12).dividedBy(10)));
    }
  }

  @Test
  void shardThatRecoveredHasItsWholeBudgetAndTheShortestRestAgain() {
    try (Supervised house = new Supervised(1, LEAST, List.of())) {
      house.killUntilAside(0);
      house.pass(house.rest(0));
      house.kill(0);
      assertThat(house.rest(0)).isEqualTo(Duration.ofSeconds(16));
      house.pass(house.rest(0));
      house.pass(WITHIN.plusNanos(1));
      for (int i = 0; i < Supervised.MAX_RESTARTS; i++) {
        house.kill(0);
        assertThat(house.isAside(0)).as("death %d after it recovered", i).isFalse();
      }
      house.kill(0);
      assertThat(house.isAside(0)).isTrue();
      assertThat(house.rest(0)).isEqualTo(Duration.ofSeconds(8));
    }
  }
}
