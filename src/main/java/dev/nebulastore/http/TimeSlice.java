package dev.nebulastore.http;

import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Limits how long a loop runs on a virtual thread before other threads get the carrier.
 *
 * <p>Design notes (the number is that of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="11">A loop that never runs out of work would keep its carrier, which the shard
 *                  workers need, too. {@link Thread#yield} is not enough: it puts the thread into
 *                  the carrier's own queue, and a carrier polls the submission queues, through
 *                  which platform threads wake virtual ones, only when its own queue is empty. A
 *                  timed park ends in a submission queue. A carrier drains one of them before it
 *                  polls the next, so a thread that was woken yields once more: the queue runs
 *                  empty, and the carrier polls the next one.
 * </ol>
 *
 * <p>Threads: confined to one.
 */
public final class TimeSlice {

  static final long NANOS = LoopBudget.SLICE_NANOS;

  private final LongSupplier nanoTime;
  private final LongConsumer pause;
  private final LoopBudget budget;
  private long began;

  /** Begins a slice of the current thread that shares no budget. */
  public TimeSlice() {
    this(new LoopBudget(1, SpareCarrier.none()));
  }

  /** Begins a slice of the current thread. */
  TimeSlice(LoopBudget budget) {
    this(System::nanoTime, TimeSlice::pause, budget);
  }

  /**
   * Begins a slice.
   *
   * @param pause lets other threads run for so many nanoseconds
   */
  TimeSlice(LongSupplier nanoTime, LongConsumer pause, LoopBudget budget) {
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.budget = budget;
    this.began = nanoTime.getAsLong();
  }

  /** If the slice is used up, lets other threads run and begins the next slice. */
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
   * Moves a virtual thread that a platform thread has just started or woken to the end of its
   * carrier's own queue, so that the carrier polls all queues. For threads with much to do.
   */
  // Error Prone warns of yielding, since correctness must not hang on it; here it is for fairness.
  @SuppressWarnings("ThreadPriorityCheck")
  static void leaveQueue() {
    Thread.yield();
  }

  /** Begins a new slice; to be called after the thread has waited. */
  public void renew() {
    began = nanoTime.getAsLong();
  }

  /** Wraps an output so that the slice is checked after each piece that is written. */
  public OutputStream over(OutputStream out) {
    return new SlicedOutput(out, this::check);
  }
}
