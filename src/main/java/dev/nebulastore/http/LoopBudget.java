package dev.nebulastore.http;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Limits the loops of all requests together to a quarter of the processors' time. It is a leaky
 * bucket without a queue: each used slice moves the time at which the next one may begin. A loop
 * that runs alone is not limited.
 *
 * <p>Threads: safe for all.
 */
final class LoopBudget {

  /** The reciprocal of the share. */
  private static final int SHARE = 4;

  /** How long a loop may run. A pause costs some 15 µs of processor time, a twentieth of it. */
  static final long SLICE_NANOS = 300_000;

  /** The longest pause, in nanoseconds. */
  static final long MAX_PAUSE = 20_000_000;

  private final int processors;
  private final SpareCarrier spare;
  private final AtomicLong paidUntil = new AtomicLong(Long.MIN_VALUE);
  private final AtomicReference<@Nullable Object> last = new AtomicReference<>();

  /**
   * Creates an unused budget.
   *
   * @param processors how many processors the loops share
   * @param spare the carrier that is added while loops use up their slices
   */
  LoopBudget(int processors, SpareCarrier spare) {
    this.processors = processors;
    this.spare = spare;
  }

  /**
   * Charges a used slice.
   *
   * @param loop the loop that used it
   * @param now when it ended
   * @param used how long it was; the loop may have waited meanwhile, so at most two slices count
   * @return for how many nanoseconds the loop has to pause, at least 1
   */
  // A loop is itself alone, whatever it may equal.
  @SuppressWarnings("ReferenceEquality")
  long charge(Object loop, long now, long used) {
    spare.need();
    if (last.getAndSet(loop) == loop) {
      return 1;
    }
    long cost = Math.min(used, 2 * SLICE_NANOS) * SHARE / processors;
    long until = paidUntil.accumulateAndGet(now, (paid, at) -> Math.max(paid, at - used) + cost);
    return Math.clamp(until - now, 1, MAX_PAUSE);
  }
}
