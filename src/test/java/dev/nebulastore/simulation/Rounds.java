package dev.nebulastore.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.nebulastore.router.Resizer;
import dev.nebulastore.simulation.Round.Result;
import dev.nebulastore.supervision.ShardSupervisor;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Runs one round after another until one finds a violation.
 *
 * <p>Threads: immutable.
 */
final class Rounds {

  private static final org.slf4j.Logger log = LoggerFactory.getLogger(Rounds.class);

  private Rounds() {}

  /**
   * Silences the loggers of supervision, resizing and the committer, which would log thousands of
   * rounds, or restores them.
   */
  static void quiet(boolean so) {
    @Nullable Level level = so ? Level.OFF : null;
    ((Logger) LoggerFactory.getLogger(ShardSupervisor.class)).setLevel(level);
    ((Logger) LoggerFactory.getLogger(Resizer.class)).setLevel(level);
    ((Logger) LoggerFactory.getLogger("dev.nebulastore.shard")).setLevel(level);
    ((Logger) LoggerFactory.getLogger("dev.nebulastore.storage.rocksdb")).setLevel(level);
  }

  /**
   * Runs the rounds of consecutive seeds.
   *
   * @throws AssertionError at the first violation, with the seed and how to replay it
   */
  static Tally run(long first, long count) {
    Tally tally = new Tally();
    long began = System.nanoTime();
    long steps = 0;
    for (long seed = first; seed < first + count; seed++) {
      Result result = Round.run(seed, tally);
      steps += result.steps();
      if (!result.breaches().isEmpty()) {
        throw new AssertionError(
            ("SIMULATION_SEED=%d, found after %d seeds: %s%nTo replay it:%n"
                    + "./mvnw -Dtest=SimulationTests -Dsimulation.seed=%d test%n%s")
                .formatted(
                    seed, seed - first + 1, result.breaches(), seed, result.ledger().story()));
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    log.info(
        "{} seeds from {} in {} s, {} a second; {} steps; {}",
        count,
        first,
        "%.1f".formatted(seconds),
        Math.round((double) count / seconds),
        steps,
        tally);
    return tally;
  }

  /** Runs without a build tool. The arguments are the first seed and the number of seeds. */
  public static void main(String[] seeds) {
    quiet(true);
    var _ = run(Long.parseLong(seeds[0]), Long.parseLong(seeds[1]));
  }
}
