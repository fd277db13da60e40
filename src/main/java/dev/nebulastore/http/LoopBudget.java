package dev.nebulastore.http;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How much of the processors' time the loops of all requests may use together: a quarter. Each used
 * slice moves the moment at which the next one may begin; that is a leaky bucket without a queue. A
 * loop that runs alone takes nothing from other loops and is not held back.
 *
 * <p>Threads: safe for all.
 */
final class LoopBudget {

  /** The reciprocal of the share. */
  private static final int SHARE = 4;

  /** Nobody is held back for longer at once, whatever others have used. */
  static final long MAX_PAUSE = 20_000_000;

  private final int processors;
  private final SpareCarrier spare;
  private final AtomicLong paidUntil = new AtomicLong(Long.MIN_VALUE);
  private final AtomicReference<@Nullable TimeSlice> last = new AtomicReference<>();

  /**
   * Nothing is used yet.
   *
   * @param processors how many there are to share
   * @param spare is lent while loops use up slices
   */
  LoopBudget(int processors, SpareCarrier spare) {
    this.processors = processors;
    this.spare = spare;
  }

  /**
   * Accounts for a slice.
   *
   * @param loop who used it
   * @param now when it ended
   * @param used how long it was; part of that the loop may have waited, so little more than a slice
   *     is counted
   * @return for how many nanoseconds the loop has to pause, at least 1
   */
  long charge(TimeSlice loop, long now, long used) {
    spare.need();
    if (last.getAndSet(loop) == loop) {
      return 1;
    }
    long cost = Math.min(used, 2 * TimeSlice.NANOS) * SHARE / processors;
    long until = paidUntil.accumulateAndGet(now, (paid, at) -> Math.max(paid, at - used) + cost);
    return Math.clamp(until - now, 1, MAX_PAUSE);
  }
}
