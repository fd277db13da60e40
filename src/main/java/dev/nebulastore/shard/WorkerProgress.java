package dev.nebulastore.shard;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the steps of a worker, so that supervision sees whether it makes progress, and kills it
 * between two steps if that was requested.
 *
 * <p>Threads: {@link #step} is confined to the worker's; the rest is safe for all.
 */
final class WorkerProgress {

  private final AtomicLong steps = new AtomicLong();
  private volatile boolean killed;

  /**
   * Marks progress.
   *
   * @throws WorkerKilled if {@link #kill} was called
   */
  void step() {
    steps.setOpaque(steps.getPlain() + 1);
    if (killed) {
      throw new WorkerKilled();
    }
  }

  /** Has the next step throw. */
  void kill() {
    killed = true;
  }

  boolean isKilled() {
    return killed;
  }

  /** The number of steps so far. */
  long steps() {
    return steps.get();
  }
}
