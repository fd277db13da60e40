package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.storage.ShardStore;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits in a mailbox for its turn, and for whom: a {@link PendingCommand} or the {@link
 * BarrierRequest} of a transaction.
 *
 * <p>Design notes. All that can happen to it is a single compare-and-set on its state, so that each
 * question of who may do what has one answer. A stage belongs to one worker and is compared by
 * identity: what a replaced worker does to a turn that was passed on fails, and it ends once.
 *
 * <p>Threads: the state is changed by compare-and-set alone.
 */
abstract sealed class MailboxMessage permits PendingCommand, BarrierRequest {

  /** A place on the way, within one worker; compared by identity. */
  static final class Stage {
    static final Stage FREE = new Stage(0, false);

    private final int shard;
    private final boolean begun;
    private final @Nullable QuiescedShard floor;
    private final boolean stands;

    /** Where the worker lends nothing. */
    Stage(int shard, boolean begun) {
      this(shard, begun, null, false);
    }

    private Stage(int shard, boolean begun, @Nullable QuiescedShard floor, boolean stands) {
      this.shard = shard;
      this.begun = begun;
      this.floor = floor;
      this.stands = stands;
    }

    /** Where turns wait for a worker that has this floor. */
    static Stage queued(int shard, @Nullable QuiescedShard floor) {
      return new Stage(shard, false, floor, false);
    }

    /** Where the worker is quiesced and lends its floor. */
    static Stage standing(int shard, @Nullable QuiescedShard floor) {
      return new Stage(shard, false, floor, true);
    }

    int shard() {
      return shard;
    }

    boolean begun() {
      return begun;
    }

    /** The floor that is lent; null if none is. */
    @Nullable QuiescedShard lent() {
      return stands ? floor : null;
    }

    /** Has the worker see what became of a turn in this stage. */
    void nudge() {
      if (floor != null) {
        floor.nudge().run();
      }
    }
  }

  /**
   * The store and the mailbox of a worker that is quiesced, for the one for whom it does.
   *
   * @param nudge has the worker see whether it may go on
   */
  record QuiescedShard(ShardStore store, Mailbox mailbox, Runnable nudge) {}

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
  private final @Nullable Runnable told;
  private volatile Object state = Stage.FREE;

  /**
   * For the current thread.
   *
   * @param execution by which the time is told
   * @param allowed how long it may take
   * @param deadline the {@link Execution#nanoTime} at which that is over
   * @param told is run when it has ended, by anyone, in place of waking the thread; neither throws
   *     nor waits
   */
  MailboxMessage(Execution execution, Duration allowed, long deadline, @Nullable Runnable told) {
    this.told = told;
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

  /** By the caller: waits until it is woken, or for so long. */
  final void parkNanos(long nanos) {
    execution.parkNanos(this, nanos);
  }

  final boolean overdue() {
    return nanosLeft() <= 0;
  }

  final DeadlineExceeded deadlineExceeded(int shard) {
    return new DeadlineExceeded(shard, allowed, ShardWorkers.RETRY_SOON);
  }

  /** Takes it from one stage to the next; false if it is not in that stage any more. */
  final boolean move(Stage from, Stage to) {
    return STATE.compareAndSet(this, from, to);
  }

  /** Ends it with a failure; false if it is not in that stage any more. */
  final boolean fail(Stage from, KvException failure) {
    return finish(from, failure);
  }

  /** Ends it, and has the caller see that; false if it is not in that stage any more. */
  final boolean finish(Stage from, Object end) {
    boolean mine = STATE.compareAndSet(this, from, end);
    if (mine) {
      wake();
    }
    return mine;
  }

  /** Has the caller look at the state and at the time, by anyone. */
  final void wake() {
    if (told == null) {
      LockSupport.unpark(caller);
    } else {
      tell(told);
    }
  }

  /** A caller who can't be told finds out by itself, at its deadline; nobody else is the worse. */
  private static void tell(Runnable told) {
    try {
      told.run();
    } catch (Throwable e) {
      try {
        log.error("The caller of a command could not be told of its answer", e);
      } catch (Throwable again) {
        // It is answered all the same.
      }
    }
  }
}
