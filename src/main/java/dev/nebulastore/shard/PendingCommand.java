package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way to a worker, and the answer on its way back.
 *
 * <p>Its states:
 *
 * <pre>
 * FREE ──offer──▶ QUEUED(w) ──begin──▶ BEGUN(w) ──decide──▶ DECIDED(w) ──commit──▶ answer
 *   ▲               │  │  ▲              │ │ └─────read, refusal──────────────────▶ answer
 *   └──w is closed──┘  │  └──fetch───────┘ │
 *                      ├──w replaced by v──▶ QUEUED(v)        also DECIDED(w), if w's batch was not accepted
 *                      └──the caller gives up──▶ DeadlineExceeded; from BEGUN or DECIDED: OutcomeUnknown
 * </pre>
 *
 * <p>Threads: as a {@link MailboxMessage}; the decided outcome is written before the call enters
 * the stage in which others may read it.
 */
final class PendingCommand extends MailboxMessage {

  /** How often a caller lets others run before it parks, if the answer is mostly there by then. */
  private static final int YIELDS = 2;

  /** Deadlines from here on need no timer of their own. */
  private static final Duration COARSE = Duration.ofSeconds(1);

  private final ContentBudget budget;

  // Written by the caller when it gives up: a value that nobody will store must not stay in memory.
  private Command command;

  // By the worker alone.
  private boolean wantsValue;
  private @Nullable Outcome decided;

  /** A call of the current thread, which is to await it. */
  PendingCommand(Execution execution, Command command, Duration allowed) {
    this(execution, command, allowed, ContentBudget.UNLIMITED, null);
  }

  /**
   * A call of the current thread.
   *
   * @param budget pays for a large value that it has to read
   * @param told is run when there is an answer, if the thread is to {@link #poll} for it; null if
   *     it is to await it
   */
  PendingCommand(
      Execution execution,
      Command command,
      Duration allowed,
      ContentBudget budget,
      @Nullable Runnable told) {
    super(execution, allowed, execution.nanoTime() + allowed.toNanos(), told);
    this.command = command;
    this.budget = budget;
    this.wantsValue =
        command instanceof Command.Get(Key _, var precondition)
            && precondition.equals(Precondition.NONE);
  }

  Command command() {
    return command;
  }

  /** Whether it writes. Any worker may answer a read: what is committed is the same for all. */
  boolean isWrite() {
    return !(command instanceof Command.Get);
  }

  /**
   * By the worker: what pays for the value of its entry; null as long as the value is not needed.
   * Only a read without conditions needs it in any case; all others are decided without it first.
   */
  @Nullable ContentBudget budget() {
    return wantsValue ? budget : null;
  }

  /** By the worker: whether this outcome lacks a value, which is to be read from now on. */
  boolean needsValueFor(Outcome outcome) {
    boolean needs = !wantsValue && outcome.unread() != null;
    wantsValue |= needs;
    return needs;
  }

  /** Whether nobody has it. */
  boolean isFree() {
    return state() == Stage.FREE;
  }

  /**
   * By the caller, when the key has moved: takes it out of the hands of a shard that has not begun
   * it, so that it is free again; false if it was begun, or handed over.
   */
  boolean takeBack(int shard) {
    while (state() instanceof Stage stage) {
      if (isFree()) {
        return true;
      }
      if (stage.begun() || stage.shard() != shard) {
        return false;
      }
      if (move(stage, Stage.FREE)) {
        return true;
      }
    }
    return false;
  }

  boolean isAnswered() {
    return !(state() instanceof Stage);
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

  /**
   * Waits for the answer until the deadline, by the caller.
   *
   * @param soon whether the answer needs no disk, so that it is worth to let others run first
   * @throws KvException if it failed, or if there is none by then
   */
  // Error Prone warns of yielding, since correctness must not hang on it; here it only saves time.
  @SuppressWarnings("ThreadPriorityCheck")
  Outcome await(Deadlines deadlines, boolean soon) {
    for (int yields = soon ? 0 : YIELDS; yields < YIELDS && state() instanceof Stage; yields++) {
      Thread.yield();
    }
    if (state() instanceof Stage) {
      boolean coarse = allowed().compareTo(COARSE) >= 0;
      int slot = coarse ? deadlines.enter(this, caller().threadId()) : -1;
      park(slot >= 0);
      deadlines.leave(slot);
    }
    return answer();
  }

  /**
   * The answer, or null if there is none yet; by the caller, who does not wait.
   *
   * @throws KvException if it failed, or if there is none by the deadline
   */
  @Nullable Outcome poll() {
    if (state() instanceof Stage stage && overdue()) {
      giveUp(stage);
    }
    return isAnswered() ? answer() : null;
  }

  private Outcome answer() {
    return switch (state()) {
      case Outcome outcome -> outcome;
      case KvException failure -> throw failure;
      case Object other -> throw new IllegalStateException("Not an answer: " + other);
    };
  }

  /** Until there is an answer; with a timer for the deadline, unless somebody watches it. */
  private void park(boolean watched) {
    boolean interrupted = false;
    boolean timed = !watched;
    while (state() instanceof Stage stage) {
      long left = nanosLeft();
      if (left <= 0) {
        giveUp(stage);
      } else if (timed) {
        parkNanos(left);
      } else {
        LockSupport.park(this);
        // Whoever is woken without an answer or a deadline is not looked after any more.
        timed = true;
      }
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      caller().interrupt();
    }
  }

  private void giveUp(Stage stage) {
    if (stage.begun()) {
      var _ = fail(stage, new OutcomeUnknown(stage.shard()));
    } else if (fail(stage, deadlineExceeded(stage.shard())) && isWrite()) {
      // It waits in a mailbox until the worker comes by, which sees that it has ended.
      command = new Command.Expire(command.key());
    }
  }
}
