package dev.nebulastore.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nebulastore.simulation.Round.Result;
import dev.nebulastore.simulation.Tally.Event;
import dev.nebulastore.supervision.ShardSupervisor;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Runs rounds of the simulation, each from a seed of its own. What is planted, and what it takes to
 * be found, stands in docs/reliability.md.
 */
class SimulationTests {

  private static final org.slf4j.Logger log = LoggerFactory.getLogger(SimulationTests.class);
  private static final Set<Slip> NONE = EnumSet.noneOf(Slip.class);
  private static final long FIRST = Long.getLong("simulation.seed", 1);
  private static final long COUNT =
      Long.getLong("simulation.seeds", System.getProperty("simulation.seed") == null ? 4_000 : 1);
  private static final int UNTIL_FOUND = 20_000;

  /** Supervision tells of each death, and here are thousands. */
  @BeforeAll
  static void quiet() {
    ((Logger) LoggerFactory.getLogger(ShardSupervisor.class)).setLevel(Level.OFF);
  }

  @AfterAll
  static void loud() {
    ((Logger) LoggerFactory.getLogger(ShardSupervisor.class)).setLevel(null);
  }

  @Test
  void nothingGoesWrongWhateverTheSeed() {
    Tally tally = new Tally();
    long began = System.nanoTime();
    long steps = 0;
    for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
      Result result = Round.run(seed, NONE, tally);
      steps += result.steps();
      if (!result.breaches().isEmpty()) {
        fail(
            "SIMULATION_SEED=%d, the %dth that was tried: %s%nTo replay it:%n"
                + "./mvnw -Dtest=SimulationTests -Dsimulation.seed=%d test%n%s",
            seed, seed - FIRST + 1, result.breaches(), seed, result.ledger().story());
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    log.info(
        "{} seeds from {} in {} s, {} a second; {} steps; {}",
        COUNT,
        FIRST,
        "%.1f".formatted(seconds),
        Math.round(COUNT / seconds),
        steps,
        tally);
    if (COUNT >= 1_000) {
      for (Event event : Event.values()) {
        assertThat(tally.of(event)).as(event.toString()).isPositive();
      }
    }
  }

  @Test
  void seedGivesTheSameTraceAgain() {
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
  void bugOfTheStoreIsFound(Slip slip) {
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
