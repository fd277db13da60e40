package dev.nebulastore.http;

import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Bounds how long a loop runs on a virtual thread before others get their turn.
 *
 * <p>Design notes (the number is that of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="11">A loop that is never out of work would keep its carrier, which the shard workers
 *                  need, too. {@link Thread#yield} is not enough: it puts the thread into its
 *                  carrier's own queue, and a carrier reads the queues in which platform threads
 *                  wake virtual ones only when its own is empty. A timed park ends in one of these.
 *                  A carrier takes all from one of them before it looks at the next, so whoever was
 *                  woken yields once more: the queue runs dry, and the next one has its turn.
 * </ol>
 *
 * <p>Threads: confined to one.
 */
public final class TimeSlice {

  /** A pause costs some 15 µs of processor time, so this keeps it at a twentieth. */
  static final long NANOS = 300_000;

  private final LongSupplier nanoTime;
  private final LongConsumer pause;
  private final LoopBudget budget;
  private long began;

  /** Begins now, on the current thread, and shares no budget. */
  public TimeSlice() {
    this(new LoopBudget(1, SpareCarrier.none()));
  }

  /** Begins now, on the current thread. */
  TimeSlice(LoopBudget budget) {
    this(System::nanoTime, TimeSlice::pause, budget);
  }

  /**
   * Begins now.
   *
   * @param pause lets others run for so many nanoseconds
   */
  TimeSlice(LongSupplier nanoTime, LongConsumer pause, LoopBudget budget) {
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.budget = budget;
    this.began = nanoTime.getAsLong();
  }

  /** Lets others run if the slice is used up, and begins the next one. */
  public void check() {
    long now = nanoTime.getAsLong();
    if (now - began >= NANOS) {
      pause.accept(budget.charge(this, now, now - began));
      began = nanoTime.getAsLong();
    }
  }

  private static void pause(long nanos) {
    LockSupport.parkNanos(nanos);
    leaveQueue();
  }

  /**
   * For a virtual thread that a platform thread has just started or woken, with much to do: goes
   * from the queue of that one to the end of another, so that its carrier looks at all queues.
   */
  // Error Prone warns of yielding, since correctness must not hang on it; here it is for fairness.
  @SuppressWarnings("ThreadPriorityCheck")
  static void leaveQueue() {
    Thread.yield();
  }

  /** Begins a new slice, after the thread has waited for something. */
  public void renew() {
    began = nanoTime.getAsLong();
  }

  /** A stream that passes on what is written in pieces, and checks the slice after each. */
  public OutputStream over(OutputStream out) {
    return new SlicedOutput(out, this);
  }
}
