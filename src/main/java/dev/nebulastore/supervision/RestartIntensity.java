package dev.nebulastore.supervision;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Restart intensity as in OTP supervisors: more than N restarts within the last T are too many. The
 * window slides: a restart counts until it is older than T.
 *
 * <p>Threads: guarded by its owner.
 */
final class RestartIntensity {

  private final int maxRestarts;
  private final long within;
  private final Deque<Long> restarts = new ArrayDeque<>();

  RestartIntensity(int maxRestarts, Duration within) {
    this.maxRestarts = maxRestarts;
    this.within = within.toNanos();
  }

  /** Counts a restart at this time, in nanoseconds; true if that makes too many. */
  boolean exceededBy(long now) {
    restarts.addLast(now);
    while (now - restarts.getFirst() > within) {
      restarts.removeFirst();
    }
    return restarts.size() > maxRestarts;
  }

  /** Starts counting from zero. */
  void clear() {
    restarts.clear();
  }
}
