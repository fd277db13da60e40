package dev.nebulastore.supervision;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a shard stays in quarantine: twice as long each time, up to a limit, and varied by up to
 * a fifth, so that shards that died together do not come back together.
 *
 * <p>Threads: guarded by its owner.
 *
 * @param first the delay of the first time
 * @param longest the longest delay
 */
record QuarantineBackoff(Duration first, Duration longest, RandomGenerator jitter) {

  private static final int MAX_DOUBLINGS = 20;

  /** The delay after so many quarantines in a row. */
  Duration delayAfter(int quarantines) {
    long doubled = first.toNanos() << Math.min(quarantines, MAX_DOUBLINGS);
    long varied = (long) ((double) doubled * jitter.nextDouble(0.8, 1.2));
    return Duration.ofNanos(Math.min(varied, longest.toNanos()));
  }
}
