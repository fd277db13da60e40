package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A command on its way to a worker, and the answer on its way back.
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

  private final ContentBudget budget;

  // Replaced by the caller when it gives up: a value that nobody will store must not stay in
  // memory.
  private Command command;

  // By the worker alone.
  private boolean wantsValue;
  private @Nullable Outcome decided;

  /** A command of the current thread, which waits for the answer ({@link AnswerWaiter}). */
  PendingCommand(Execution execution, Command command, Duration allowed) {
    this(execution, command, allowed, ContentBudget.UNLIMITED, null);
  }

  /**
   * A command of the current thread.
   *
   * @param budget pays for a large value that it has to read
   * @param onAnswer is run when there is an answer, for a thread that is to {@link #poll}; null for
   *     one that waits
   */
  PendingCommand(
      Execution execution,
      Command command,
      Duration allowed,
      ContentBudget budget,
      @Nullable Runnable onAnswer) {
    super(execution, allowed, execution.nanoTime() + allowed.toNanos(), onAnswer);
    this.command = command;
    this.budget = budget;
    this.wantsValue =
        command instanceof Command.Get(Key _, var precondition)
            && precondition.equals(Precondition.NONE);
  }

  Command command() {
    return command;
  }

  /** Whether it writes. A read is answered by any worker, since all see what is committed. */
  boolean isWrite() {
    return !(command instanceof Command.Get);
  }

  /**
   * By the worker: what pays for the value of the entry; null as long as the value is not needed.
   * Only a read without conditions always needs it. All others are first decided without it.
   */
  @Nullable ContentBudget budget() {
    return wantsValue ? budget : null;
  }

  /** By the worker: whether this outcome lacks a value. If so, it is read from now on. */
  boolean needsValueFor(Outcome outcome) {
    boolean needs = !wantsValue && outcome.unread() != null;
    wantsValue |= needs;
    return needs;
  }

  /** Whether no worker has it. */
  boolean isFree() {
    return state() == Stage.FREE;
  }

  /**
   * By the caller, when the key has moved: withdraws the command from a shard that has not begun
   * it, so that it is free again; false if it was begun or handed off.
   */
  boolean withdraw(int shard) {
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

  /** Moves it to the stage in which it waits for its commit, with the outcome to answer then. */
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

  /** Answers, unless it has left that stage. */
  void answer(Stage from, Outcome outcome) {
    var _ = finish(from, outcome);
  }

  /**
   * By the caller: the answer, or null if there is none yet. Does not wait.
   *
   * @throws KvException if it failed, or if there is none by the deadline
   */
  @Nullable Outcome poll() {
    if (state() instanceof Stage stage && overdue()) {
      giveUp(stage);
    }
    return isAnswered() ? answer() : null;
  }

  /**
   * The answer, when there is one.
   *
   * @throws KvException if it failed
   */
  Outcome answer() {
    return switch (state()) {
      case Outcome outcome -> outcome;
      case KvException failure -> throw failure;
      case Object other -> throw new IllegalStateException("Not an answer: " + other);
    };
  }

  /** By the caller, after the deadline: ends the command, unless it leaves this stage meanwhile. */
  void giveUp(Stage stage) {
    if (stage.begun()) {
      var _ = fail(stage, new OutcomeUnknown(stage.shard()));
    } else if (fail(stage, deadlineExceeded(stage.shard())) && isWrite()) {
      // It stays in the mailbox until the worker takes it and sees that it has ended.
      command = new Command.Expire(command.key());
    }
  }
}
