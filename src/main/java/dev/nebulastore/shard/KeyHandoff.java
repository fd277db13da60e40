package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Hands keys off from one shard, the source, to others, the targets.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">The worker of the source is quiesced ({@link ShardBarrier}) when the placement
 *                 changes: it has no write of those keys in flight, so at any time one worker
 *                 decides on a key. The targets keep running: none of them begins a write of a key
 *                 that it does not have yet, and what it has in flight is of other keys.
 *   <li value="2">The targets continue from the writes that the source has in flight, and their
 *                 revisions are first raised to the source's. So does a batch that a target is
 *                 filling ({@link BatchOverlay#revision}): it may hold a write that came before its
 *                 key did, and was not begun. No entry moves, and nobody waits for a disk.
 *   <li value="4">A worker that dies meanwhile is replaced as ever. Before the placement has
 *                 changed, the handoff waits for the successor and starts again; afterwards nothing
 *                 is left to do. The mailboxes are locked in between: a worker is replaced before
 *                 or after, and either way all messages are with the shard that has the keys.
 *   <li value="5">The writes that wait at the source go to the targets, in order and ahead of what
 *                 these are sent from now on. A caller that is about to send one to the source sees
 *                 that the placement has changed, and withdraws it ({@link CommandDispatcher});
 *                 until then, the source leaves it alone.
 *   <li value="9">All of it is limited to {@code nebula.shards.barrier}. The barrier request
 *                 overtakes what waits, and there is always room for it.
 * </ol>
 *
 * <p>Threads: one handoff at a time.
 */
final class KeyHandoff {

  private final Execution execution;
  private final Duration limit;
  private final StorageEngine engine;
  private final Consumer<BarrierRequest> offer;
  private final IntFunction<Mailbox> mailboxOf;

  /**
   * Between the shards of a registry.
   *
   * @param offer adds a request to the mailbox of its shard, or throws
   * @param mailboxOf the mailbox of the worker that has a shard now; throws if there is none
   */
  KeyHandoff(
      Execution execution,
      Duration limit,
      StorageEngine engine,
      Consumer<BarrierRequest> offer,
      IntFunction<Mailbox> mailboxOf) {
    this.execution = execution;
    this.limit = limit;
    this.engine = engine;
    this.offer = offer;
    this.mailboxOf = mailboxOf;
  }

  /**
   * Hands the keys off, or does nothing.
   *
   * @param next the placement from then on
   * @param place makes it the current one; must return at once
   * @return how long requests to the source waited at most: since its worker accepted nothing new,
   *     until it could continue
   * @throws ShardFailure if the worker was not quiesced in time, or a target has no worker
   */
  Duration run(int source, Set<Integer> targets, Placement next, Runnable place) {
    ShardBarrier barrier = new ShardBarrier(execution, true, limit, offer);
    try (barrier) {
      barrier.quiesce(new TreeSet<>(Set.of(source)));
      while (true) {
        Map<Integer, Mailbox> to = raise(source, targets);
        Mailbox from = mailboxOf.apply(source);
        boolean lends = from.lends(barrier.quiesced(source));
        if (lends && from.handOff(to, next::shardOf, place)) {
          break;
        }
        // A target that was replaced has its successor in the registry by now.
        if (!lends || from.isClosed()) {
          barrier.awaitSuccessor(source);
        }
      }
    }
    return barrier.pause();
  }

  /** Raises the revisions of the targets to the source's, and returns their mailboxes. */
  private Map<Integer, Mailbox> raise(int source, Set<Integer> targets) {
    Map<Integer, Mailbox> to = new HashMap<>();
    for (int target : targets) {
      engine.raise(target, source);
      to.put(target, mailboxOf.apply(target));
    }
    return to;
  }
}
