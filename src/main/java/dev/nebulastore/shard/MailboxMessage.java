package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.time.Execution;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message to a worker: a {@link PendingCommand}, or the {@link BarrierRequest} of a transaction.
 *
 * <p>Design notes. Every transition is a single compare-and-set on the state, so exactly one thread
 * takes it. A {@link Stage} belongs to one worker and is compared by identity: what a replaced
 * worker does to a message that was passed on fails, and each message ends once.
 *
 * <p>Threads: the state is changed by compare-and-set alone.
 */
abstract sealed class MailboxMessage permits PendingCommand, BarrierRequest {

  private static final Logger log = LoggerFactory.getLogger(MailboxMessage.class);
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(MailboxMessage.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Execution execution;
  private final Duration allowed;
  private final long deadline;
  private final Thread caller = Thread.currentThread();
  private final @Nullable Runnable onEnd;
  private volatile Object state = Stage.FREE;

  /**
   * A message of the current thread.
   *
   * @param allowed how long it may take
   * @param deadline the {@link Execution#nanoTime} at which that is over
   * @param onEnd is run when it has ended, by any thread, instead of waking the current thread;
   *     neither throws nor waits
   */
  MailboxMessage(Execution execution, Duration allowed, long deadline, @Nullable Runnable onEnd) {
    this.onEnd = onEnd;
    this.execution = execution;
    this.allowed = allowed;
    this.deadline = deadline;
  }

  final Duration allowed() {
    return allowed;
  }

  /** A {@link Stage}, or how it ended. */
  final Object state() {
    return state;
  }

  final Thread caller() {
    return caller;
  }

  final long nanosLeft() {
    return deadline - execution.nanoTime();
  }

  /** By the caller: waits until it is woken, or for this long. */
  final void parkNanos(long nanos) {
    execution.parkNanos(this, nanos);
  }

  final boolean overdue() {
    return nanosLeft() <= 0;
  }

  final DeadlineExceeded deadlineExceeded(int shard) {
    return new DeadlineExceeded(shard, allowed, RetryAfter.SOON);
  }

  /** Moves it from one stage to the next; false if it is not in that stage any more. */
  final boolean move(Stage from, Stage to) {
    return STATE.compareAndSet(this, from, to);
  }

  /** Ends it with a failure; false if it is not in that stage any more. */
  final boolean fail(Stage from, KvException failure) {
    return finish(from, failure);
  }

  /** Ends it and notifies the caller; false if it is not in that stage any more. */
  final boolean finish(Stage from, Object end) {
    boolean ended = STATE.compareAndSet(this, from, end);
    if (ended) {
      wake();
    }
    return ended;
  }

  /** By any thread: has the caller look at the state and at the time. */
  final void wake() {
    if (onEnd == null) {
      LockSupport.unpark(caller);
    } else {
      run(onEnd);
    }
  }

  /** A caller that can't be notified notices the end at its deadline; no other one is affected. */
  private static void run(Runnable onEnd) {
    try {
      onEnd.run();
    } catch (Throwable e) {
      try {
        log.error("The caller of a command could not be notified of its answer", e);
      } catch (Throwable again) {
        // It is answered all the same.
      }
    }
  }
}
