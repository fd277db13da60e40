package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Hands keys over from one shard to others.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">The source's worker is quiesced ({@link ShardBarrier}) when the placement
 *                 changes: so it has no write of those keys in flight, and at any time one worker
 *                 decides on a key. The targets go on: none of them begins a write of a key that is
 *                 not its own yet, and what it has in flight is of other keys.
 *   <li value="2">The targets go on from what the source has under way, and their revisions are
 *                 first raised to the source's. A current batch goes on from there too ({@link
 *                 BatchOverlay#revision}): it may hold a write that came before its key did, and
 *                 was not begun. No entry moves, and nobody waits for a disk.
 *   <li value="4">A worker that dies on the way is replaced as ever. Before the placement has
 *                 changed, the successor is awaited and all is done anew; after that there is
 *                 nothing left to do. The mailboxes are locked in between: a worker is replaced
 *                 before or after, and either way all turns are with who has the keys.
 *   <li value="5">The writes that wait at the source go to the targets, in their order and ahead of
 *                 what these are sent from now on. Who was about to send one to the source sees
 *                 that the placement is another, and takes it back ({@link ShardWorkers#begin});
 *                 until it does, the source leaves it alone.
 *   <li value="9">All of it is bounded by {@code nebula.shards.barrier}. The seat goes ahead of
 *                 what waits, and there is always room for it.
 * </ol>
 *
 * <p>Threads: one hand-over at a time.
 */
final class KeyHandoff {

  private final Execution execution;
  private final Duration limit;
  private final StorageEngine engine;
  private final Consumer<BarrierRequest> offer;
  private final IntFunction<Mailbox> mailboxOf;

  /**
   * Over the shards of a table.
   *
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
   * Does it, or nothing.
   *
   * @param next where keys live from then on
   * @param place makes it so; must return at once
   * @return how long requests waited for it at most: since the source took nothing new, until it
   *     could go on
   * @throws ShardFailure if the source did not come to a stand in time, or a target has no worker
   */
  Duration run(int source, Set<Integer> targets, Placement next, Runnable place) {
    ShardBarrier barrier = new ShardBarrier(execution, true, limit, offer);
    try (barrier) {
      barrier.stop(new TreeSet<>(Set.of(source)));
      while (!isDone(barrier.mailbox(source), source, targets, next, place)) {
        // A target that was replaced has its successor in the table by now.
        if (barrier.mailbox(source).isClosed()) {
          barrier.awaitSuccessor(source);
        }
      }
    }
    return barrier.stood();
  }

  private boolean isDone(
      Mailbox from, int source, Set<Integer> targets, Placement next, Runnable place) {
    Map<Integer, Mailbox> to = new HashMap<>();
    for (int target : targets) {
      engine.raise(target, source);
      to.put(target, mailboxOf.apply(target));
    }
    return from.handOver(to, next::shardOf, place);
  }
}
