package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way to a worker, and the answer on its way back.
 *
 * <p>Design notes. All that can happen to a call is a single compare-and-set on its state, so that
 * each question of who may do what has one answer:
 *
 * <pre>
 * FREE ──offer──▶ QUEUED(w) ──begin──▶ BEGUN(w) ──decide──▶ DECIDED(w) ──commit──▶ answer
 *   ▲               │  │  ▲              │ │ └─────read, refusal──────────────────▶ answer
 *   └──w is closed──┘  │  └──fetch───────┘ │
 *                      ├──w replaced by v──▶ QUEUED(v)        also DECIDED(w), if w's batch was not accepted
 *                      └──the caller gives up──▶ DeadlineExceeded; from BEGUN or DECIDED: OutcomeUnknown
 * </pre>
 *
 * <p>A stage belongs to one worker and is compared by identity: what a replaced worker does to a
 * call that was passed on fails, and an answer is given once.
 *
 * <p>Threads: the state is changed by compare-and-set alone; the decided outcome is written before
 * the call enters the stage in which others may read it.
 */
final class Call {

  /** A place on the way, within one worker. */
  static final class Stage {
    static final Stage FREE = new Stage(0, false);

    private final int shard;
    private final boolean begun;

    Stage(int shard, boolean begun) {
      this.shard = shard;
      this.begun = begun;
    }
  }

  /** How often a caller lets others run before it parks, if the answer is mostly there by then. */
  private static final int YIELDS = 2;

  /** Deadlines from here on need no timer of their own. */
  private static final Duration COARSE = Duration.ofSeconds(1);

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Call.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Command command;
  private final Duration allowed;
  private final long deadline;
  private final Thread caller = Thread.currentThread();
  private volatile Object state = Stage.FREE;
  private @Nullable Outcome decided;

  /** A call of the current thread, which is to await it. */
  Call(Command command, Duration allowed) {
    this.command = command;
    this.allowed = allowed;
    this.deadline = System.nanoTime() + allowed.toNanos();
  }

  Command command() {
    return command;
  }

  boolean overdue() {
    return System.nanoTime() - deadline >= 0;
  }

  DeadlineExceeded deadlineExceeded(int shard) {
    return new DeadlineExceeded(shard, allowed, ShardWorkers.RETRY_SOON);
  }

  /** Takes the call from one stage to the next; false if it is not in that stage any more. */
  boolean move(Stage from, Stage to) {
    return STATE.compareAndSet(this, from, to);
  }

  /**
   * Takes the call to the stage in which it awaits its commit, with the outcome to be given then.
   */
  boolean decide(Stage from, Stage to, Outcome outcome) {
    decided = outcome;
    return move(from, to);
  }

  /** Answers with the outcome that was decided. */
  void answerAsDecided(Stage from) {
    Outcome outcome = decided;
    if (outcome != null) {
      answer(from, outcome);
    }
  }

  /** Answers, unless the call is not in that stage any more. */
  void answer(Stage from, Outcome outcome) {
    var _ = finish(from, outcome);
  }

  /** Answers with a failure; false if the call is not in that stage any more. */
  boolean fail(Stage from, KvException failure) {
    return finish(from, failure);
  }

  private boolean finish(Stage from, Object answer) {
    boolean mine = STATE.compareAndSet(this, from, answer);
    if (mine) {
      LockSupport.unpark(caller);
    }
    return mine;
  }

  /**
   * Waits for the answer until the deadline, by the caller.
   *
   * @param soon whether the answer needs no disk, so that it is worth to let others run first
   * @throws KvException if it failed, or if there is none by then
   */
  // Error Prone warns of yielding, since correctness must not hang on it; here it only saves time.
  @SuppressWarnings("ThreadPriorityCheck")
  Outcome await(Deadlines deadlines, boolean soon) {
    for (int yields = soon ? 0 : YIELDS; yields < YIELDS && state instanceof Stage; yields++) {
      Thread.yield();
    }
    if (state instanceof Stage) {
      boolean coarse = allowed.compareTo(COARSE) >= 0;
      int slot = coarse ? deadlines.enter(this, caller.threadId()) : -1;
      park(slot >= 0);
      deadlines.leave(slot);
    }
    return switch (state) {
      case Outcome outcome -> outcome;
      case KvException failure -> throw failure;
      case Object other -> throw new IllegalStateException("Not an answer: " + other);
    };
  }

  /** Until there is an answer; with a timer for the deadline, unless somebody watches it. */
  private void park(boolean watched) {
    boolean interrupted = false;
    boolean timed = !watched;
    while (state instanceof Stage stage) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        giveUp(stage);
      } else if (timed) {
        LockSupport.parkNanos(this, left);
      } else {
        LockSupport.park(this);
        // Whoever is woken without an answer or a deadline is not looked after any more.
        timed = true;
      }
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      caller.interrupt();
    }
  }

  /** Has the caller look at the time, by anyone. */
  void wake() {
    LockSupport.unpark(caller);
  }

  private void giveUp(Stage stage) {
    var _ =
        fail(stage, stage.begun ? new OutcomeUnknown(stage.shard) : deadlineExceeded(stage.shard));
  }
}
