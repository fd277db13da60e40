package dev.nebulastore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.simulation.Round.Result;
import dev.nebulastore.simulation.Tally.Event;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Runs rounds of the simulation, each with its own seed. docs/reliability.md lists the bugs that
 * are planted, and the number of seeds that finds each.
 */
class SimulationTests {

  private static final long FIRST = Long.getLong("simulation.seed", 1);
  private static final long COUNT =
      Long.getLong("simulation.seeds", System.getProperty("simulation.seed") == null ? 3_000 : 1);

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
      Result once = Round.run(seed, new Tally());
      Result again = Round.run(seed, new Tally());
      assertThat(again.trace()).isEqualTo(once.trace());
      assertThat(again.steps()).isEqualTo(once.steps());
      assertThat(again.ledger().story()).isEqualTo(once.ledger().story());
    }
  }
}
