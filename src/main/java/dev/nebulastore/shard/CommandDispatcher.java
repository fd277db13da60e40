package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends each command to the mailbox of the shard that its key lives in at this moment.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li value="8">A command is offered, and then the placement is read once more. If it is the
 *                 same, the command was in the mailbox before any change, and a {@link KeyHandoff}
 *                 takes it along. If it is not, the caller withdraws the command and starts again,
 *                 unless it was executed or handed off meanwhile. So a change makes no command
 *                 fail, and the commands of one thread for one key stay in order.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class CommandDispatcher {

  private final Execution execution;
  private final Slots slots;
  private final CurrentPlacement placement;

  CommandDispatcher(Execution execution, Slots slots, CurrentPlacement placement) {
    this.execution = execution;
    this.slots = slots;
    this.placement = placement;
  }

  /**
   * Has a shard accept a command.
   *
   * @param budget as for a {@link PendingCommand}
   * @param onAnswer as for a {@link PendingCommand}
   * @param wakeUps as for {@link ShardWorker#offer}
   * @throws ShardFailure if it was not accepted
   */
  @SuppressWarnings("ReferenceEquality")
  PendingCommand begin(
      Command command,
      Duration deadline,
      ContentBudget budget,
      @Nullable Runnable onAnswer,
      Executor wakeUps) {
    PendingCommand call = new PendingCommand(execution, command, deadline, budget, onAnswer);
    Placement known = placement.get();
    while (true) {
      int shard = known.shardOf(command.key());
      Placement now;
      try {
        slots.of(shard).offer(call, wakeUps);
        now = placement.get();
        if (now == known || !hasMoved(call, shard, now)) {
          return call;
        }
      } catch (KvException failure) {
        now = placement.get();
        if (now == known) {
          throw failure;
        }
      }
      known = now;
    }
  }

  /** Whether the command is free again, since its key lives elsewhere now. */
  private static boolean hasMoved(PendingCommand call, int shard, Placement now) {
    boolean stays = now.shardOf(call.command().key()) == shard && !call.isFree();
    return !stays && call.withdraw(shard);
  }
}
