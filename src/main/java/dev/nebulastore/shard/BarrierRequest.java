package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Has the worker of one shard quiesce and lend its store, to a transaction or a handoff of keys,
 * until that leaves.
 *
 * <p>Its states:
 *
 * <pre>
 * FREE ──offer──▶ QUEUED(w) ──quiesce──▶ QUIESCED(w) ──leave──▶ left; from any stage
 *                    │  ▲                   │
 *                    │  └─w replaced by v───┘ QUEUED(v)
 *                    └──quarantined, overdue──▶ failure
 * </pre>
 *
 * <p>A worker never stops lending by itself: only when the transaction leaves, or when the worker
 * dies. A transaction that uses the store of a worker that was replaced meets the engine's fence.
 *
 * <p>Threads: as a {@link MailboxMessage}.
 */
final class BarrierRequest extends MailboxMessage {

  private enum End {
    LEFT
  }

  private final int shard;
  private final boolean urgent;
  private volatile long pausedSince;

  /**
   * A request of the current thread to this shard, which fails at this {@link Execution#nanoTime}.
   *
   * @param urgent whether it overtakes all that waits
   */
  BarrierRequest(Execution execution, int shard, boolean urgent, Duration allowed, long deadline) {
    super(execution, allowed, deadline, null);
    this.shard = shard;
    this.urgent = urgent;
  }

  int shard() {
    return shard;
  }

  boolean isUrgent() {
    return urgent;
  }

  boolean isOver() {
    return !(state() instanceof Stage);
  }

  /**
   * By the worker: quiesces for it; false if it is not in that stage any more.
   *
   * @param since the {@link Execution#nanoTime} since which the worker accepts nothing new
   */
  boolean quiesce(Stage queued, Stage quiesced, long since) {
    if (state() != queued) {
      return false;
    }
    pausedSince = since;
    if (!move(queued, quiesced)) {
      return false;
    }
    wake();
    return true;
  }

  /**
   * By the caller, when the worker is quiesced: the {@link Execution#nanoTime} since which it
   * accepts nothing new.
   */
  long pausedSince() {
    return pausedSince;
  }

  /**
   * By the caller: waits until the worker is quiesced, and returns what it lends.
   *
   * @param except what a worker lent that is known to be replaced
   * @throws KvException if it can't, or has not in time
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

  /** By the caller: lets the worker continue, whichever has the request now. */
  void leave() {
    while (state() instanceof Stage stage) {
      if (finish(stage, End.LEFT)) {
        stage.unparkWorker();
      }
    }
  }
}
