package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Has callers wait for the answers to their commands.
 *
 * <p>Threads: safe for all.
 */
final class AnswerWaiter {

  /** How often a caller yields before it parks, when the answer is mostly there by then. */
  private static final int YIELDS = 2;

  /** Deadlines from here on need no timer of their own. */
  private static final Duration COARSE = Duration.ofSeconds(1);

  private final Deadlines deadlines;

  AnswerWaiter(Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  /**
   * By the caller: waits for the answer until the deadline.
   *
   * @param soon whether the answer needs no disk, so that yielding first is worth it
   * @throws KvException if the command failed, or if there is no answer by then
   */
  // Error Prone warns of yielding, since correctness must not depend on it; here it only saves
  // time.
  @SuppressWarnings("ThreadPriorityCheck")
  Outcome await(PendingCommand call, boolean soon) {
    for (int yields = soon ? 0 : YIELDS; yields < YIELDS && !call.isAnswered(); yields++) {
      Thread.yield();
    }
    if (!call.isAnswered()) {
      boolean coarse = call.allowed().compareTo(COARSE) >= 0;
      int slot = coarse ? deadlines.enter(call, call.caller().threadId()) : -1;
      park(call, slot >= 0);
      deadlines.leave(slot);
    }
    return call.answer();
  }

  /** Until there is an answer; with a timer for the deadline, unless {@link Deadlines} has it. */
  private static void park(PendingCommand call, boolean watched) {
    boolean interrupted = false;
    boolean timed = !watched;
    while (call.state() instanceof Stage stage) {
      long left = call.nanosLeft();
      if (left <= 0) {
        call.giveUp(stage);
      } else if (timed) {
        call.parkNanos(left);
      } else {
        LockSupport.park(call);
        // Once woken without an answer before the deadline, it may not be watched any more.
        timed = true;
      }
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      call.caller().interrupt();
    }
  }
}
