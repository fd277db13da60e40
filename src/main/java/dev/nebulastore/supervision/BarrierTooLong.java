package dev.nebulastore.supervision;

import java.time.Duration;

/**
 * The server is not to start: a transaction may hold its shards longer than a worker may make no
 * progress, so that workers would be replaced for doing what they are asked.
 */
public final class BarrierTooLong extends RuntimeException {

  private final Duration barrier;
  private final Duration stuckAfter;

  BarrierTooLong(Duration barrier, Duration stuckAfter) {
    super("nebula.shards.barrier must be less than nebula.supervision.stuck-after");
    this.barrier = barrier;
    this.stuckAfter = stuckAfter;
  }

  /** The value of {@code nebula.shards.barrier}. */
  public Duration barrier() {
    return barrier;
  }

  /** The value of {@code nebula.supervision.stuck-after}. */
  public Duration stuckAfter() {
    return stuckAfter;
  }
}
