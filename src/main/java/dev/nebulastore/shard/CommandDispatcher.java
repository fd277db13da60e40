package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.KvException.Stopping;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where commands come in: each goes to the mailbox of the shard that its key lives in at this
 * moment.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li value="8">The placement is an immutable snapshot behind one volatile reference.
 *   <li>A call is offered, and then the placement is looked at once more. If it is the same, the
 *       call was in the mailbox before any change, and a {@link KeyHandoff} takes it along. If it
 *       is not, the caller takes the call back and begins again, unless it was carried out or
 *       handed over meanwhile. So a change makes no call fail, and calls of one thread for one key
 *       stay in their order.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class CommandDispatcher {

  private final Execution execution;
  private final Slots slots;
  private final BooleanSupplier running;
  private final int capacity;
  private volatile Placement placement =
      key -> {
        throw new IllegalStateException("Nobody has said where keys live");
      };

  CommandDispatcher(Execution execution, Slots slots, BooleanSupplier running, int capacity) {
    this.execution = execution;
    this.slots = slots;
    this.running = running;
    this.capacity = capacity;
  }

  Placement placement() {
    return placement;
  }

  void place(Placement next) {
    placement = next;
  }

  /**
   * Has a shard accept a command.
   *
   * @param budget as for a {@link PendingCommand}
   * @param told as for a {@link PendingCommand}
   * @throws ShardFailure if it did not
   */
  @SuppressWarnings("ReferenceEquality")
  PendingCommand begin(
      Command command, Duration deadline, ContentBudget budget, @Nullable Runnable told) {
    PendingCommand call = new PendingCommand(execution, command, deadline, budget, told);
    Placement known = placement;
    while (true) {
      int shard = known.shardOf(command.key());
      Placement now;
      try {
        offer(shard, call);
        now = placement;
        if (now == known || !hasMoved(call, shard, now)) {
          return call;
        }
      } catch (KvException failure) {
        now = placement;
        if (now == known) {
          throw failure;
        }
      }
      known = now;
    }
  }

  /** Whether the call is free again, since its key lives elsewhere now. */
  private static boolean hasMoved(PendingCommand call, int shard, Placement now) {
    boolean stays = now.shardOf(call.command().key()) == shard && !call.isFree();
    return !stays && call.takeBack(shard);
  }

  /**
   * Puts a free turn into the mailbox of a shard.
   *
   * @throws ShardFailure if it was not accepted; it is free then
   * @throws NoSuchShard if there is no such shard
   */
  void offer(int shard, MailboxMessage message) {
    Slot slot = slots.of(shard);
    while (true) {
      ShardWorker worker = slot.worker();
      if (worker == null) {
        throw unavailable(slot);
      }
      switch (worker.offer(message)) {
        case ACCEPTED -> {
          return;
        }
        case FULL -> {
          slot.countRejection();
          throw new MailboxFull(shard, capacity, ShardWorkers.RETRY_SOON);
        }
        case CLOSED -> Thread.onSpinWait();
      }
    }
  }

  /**
   * The mailbox of the worker that has a shard now.
   *
   * @throws ShardFailure if there is none
   */
  Mailbox mailbox(int shard) {
    Slot slot = slots.of(shard);
    ShardWorker worker = slot.worker();
    if (worker == null) {
      throw unavailable(slot);
    }
    return worker.mailbox();
  }

  /** Why a shard without a worker does nothing. */
  ShardFailure unavailable(Slot slot) {
    return running.getAsBoolean()
        ? new ShardSetAside(slot.shard(), slot.restsFor())
        : new Stopping(slot.shard(), ShardWorkers.RETRY_SOON);
  }
}
