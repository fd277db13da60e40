package dev.nebulastore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.simulation.Round.Result;
import dev.nebulastore.simulation.Tally.Event;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs rounds of the simulation, each from a seed of its own. What is planted, and what it takes to
 * be found, stands in docs/reliability.md.
 */
class SimulationTests {

  private static final Logger log = LoggerFactory.getLogger(SimulationTests.class);
  private static final Set<Slip> NONE = EnumSet.noneOf(Slip.class);
  private static final long FIRST = Long.getLong("simulation.seed", 1);
  private static final long COUNT =
      Long.getLong("simulation.seeds", System.getProperty("simulation.seed") == null ? 3_000 : 1);
  private static final int UNTIL_FOUND = 20_000;

  @BeforeAll
  static void quiet() {
    Rounds.quiet(true);
  }

  @AfterAll
  static void loud() {
    Rounds.quiet(false);
  }

  @Test
  void noSeedFindsABreach() {
    Tally tally = Rounds.run(FIRST, COUNT);
    if (COUNT >= 1_000) {
      for (Event event : Event.values()) {
        assertThat(tally.of(event)).as(event.toString()).isPositive();
      }
    }
  }

  @Test
  void seedsAreReproducible() {
    for (long seed = FIRST; seed < FIRST + 200; seed++) {
      Result once = Round.run(seed, NONE, new Tally());
      Result again = Round.run(seed, NONE, new Tally());
      assertThat(again.trace()).isEqualTo(once.trace());
      assertThat(again.steps()).isEqualTo(once.steps());
      assertThat(again.ledger().story()).isEqualTo(once.ledger().story());
    }
  }

  @ParameterizedTest
  @EnumSource
  void bugsOfTheStoreAreFound(Slip slip) {
    long seed = FIRST;
    Result result;
    do {
      result = Round.run(seed, EnumSet.of(slip), new Tally());
      seed++;
    } while (result.breaches().isEmpty() && seed < FIRST + UNTIL_FOUND);
    assertThat(result.breaches()).as(slip.toString()).isNotEmpty();
    log.info("{} is found after {} seeds: {}", slip, seed - FIRST, result.breaches().getFirst());
  }
}
