package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The place of one transaction at one shard: when its turn has come the worker is quiesced, and
 * lends its store until the transaction leaves.
 *
 * <p>Its states:
 *
 * <pre>
 * FREE ──offer──▶ QUEUED(w) ──stand──▶ STANDING(w) ──leave──▶ left; from any stage
 *                    │  ▲                  │
 *                    │  └─w replaced by v──┘ QUEUED(v)
 *                    └──quarantined, overdue──▶ failure
 * </pre>
 *
 * <p>A worker never leaves a seat by itself: only when the transaction does, or when it dies. A
 * transaction that would use the store of one that was replaced meets the engine's fence.
 *
 * <p>Threads: as a {@link MailboxMessage}.
 */
final class BarrierRequest extends MailboxMessage {

  private enum End {
    LEFT
  }

  private final int shard;
  private final boolean ahead;
  private volatile long haltedAt;

  /**
   * A seat at this shard for the current thread, until this {@link Execution#nanoTime}.
   *
   * @param ahead whether it goes ahead of all that waits
   */
  BarrierRequest(Execution execution, int shard, boolean ahead, Duration allowed, long deadline) {
    super(execution, allowed, deadline, null);
    this.shard = shard;
    this.ahead = ahead;
  }

  int shard() {
    return shard;
  }

  boolean goesAhead() {
    return ahead;
  }

  boolean isOver() {
    return !(state() instanceof Stage);
  }

  /**
   * By the worker: quiesces for it; false if it is not in that stage any more.
   *
   * @param at the {@link Execution#nanoTime} since which the worker takes nothing new
   */
  boolean stand(Stage queued, Stage standing, long at) {
    if (state() != queued) {
      return false;
    }
    haltedAt = at;
    if (!move(queued, standing)) {
      return false;
    }
    wake();
    return true;
  }

  /**
   * By the caller, when it stands: the {@link Execution#nanoTime} since which it takes nothing new.
   */
  long haltedAt() {
    return haltedAt;
  }

  /**
   * By the caller: waits until the worker is quiesced, and answers with what it lends.
   *
   * @param except a floor that is known to be fenced
   * @throws KvException if it will not, or has not in time
   */
  QuiescedShard await(@Nullable QuiescedShard except) {
    while (true) {
      switch (state()) {
        case Stage stage -> {
          QuiescedShard lent = stage.lent();
          if (lent != null && !lent.equals(except)) {
            return lent;
          }
          park();
        }
        case KvException failure -> throw failure;
        case Object other -> throw new IllegalStateException("Not a stage: " + other);
      }
    }
  }

  private void park() {
    long left = nanosLeft();
    if (left <= 0) {
      throw deadlineExceeded(shard);
    }
    parkNanos(left);
    if (Thread.interrupted()) {
      // The server is being stopped by force; the deadline is short.
      caller().interrupt();
      throw deadlineExceeded(shard);
    }
  }

  /** By the caller: lets the worker go on, whichever has the seat now. */
  void leave() {
    while (state() instanceof Stage stage) {
      if (finish(stage, End.LEFT)) {
        stage.nudge();
      }
    }
  }
}
