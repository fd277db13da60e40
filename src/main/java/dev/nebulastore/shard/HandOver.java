package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Hands keys over from one shard to another.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">Both workers stand still ({@link Barrier}) when the placement changes: so at any
 *                 time one of them decides on a key, and the other has no write of it in hand.
 *   <li value="2">The taker goes on from what the giver has under way, and first raises its
 *                 revision to the giver's. No entry moves, and nobody waits for a disk.
 *   <li value="4">A worker that dies on the way is replaced as ever. Before the placement has
 *                 changed, the successor is awaited and all is done anew; after that there is
 *                 nothing left to do. The mailboxes are locked in between: a worker is replaced
 *                 before or after, and either way all turns are with who has the keys.
 *   <li value="5">The writes that wait at the giver go to the taker, in their order and ahead of
 *                 what it is sent from now on. Who was about to send one to the giver sees that the
 *                 placement is another, and takes it back ({@link ShardWorkers#begin}); until it
 *                 does, the giver leaves it alone.
 *   <li value="9">All of it is bounded by {@code nebula.shards.barrier}. The seats go ahead of what
 *                 waits, and there is always room for them: so the one that stands first stands for
 *                 as long as the other takes for the batch in hand, not for a mailbox of them.
 * </ol>
 *
 * <p>Threads: one hand-over at a time.
 */
final class HandOver {

  private final Pace pace;
  private final Duration limit;
  private final StorageEngine engine;
  private final Consumer<Seat> offer;

  HandOver(Pace pace, Duration limit, StorageEngine engine, Consumer<Seat> offer) {
    this.pace = pace;
    this.limit = limit;
    this.engine = engine;
    this.offer = offer;
  }

  /**
   * Does it, or nothing.
   *
   * @param moves whether a call at the giver is the taker's from now on
   * @param place changes the placement; must return at once
   * @return how long requests waited for it at most: since the first of the two took nothing new,
   *     until both could go on
   * @throws ShardFailure if the two did not come to a stand in time
   */
  Duration run(int giver, int taker, Predicate<Call> moves, Runnable place) {
    SortedSet<Integer> both = new TreeSet<>();
    both.add(giver);
    both.add(taker);
    Barrier barrier = new Barrier(pace, true, limit, offer);
    try (barrier) {
      barrier.stop(both);
      while (true) {
        engine.raise(taker, giver);
        if (Mailbox.handOver(barrier.mailbox(giver), barrier.mailbox(taker), moves, place)) {
          break;
        }
        both.stream()
            .filter(shard -> barrier.mailbox(shard).isClosed())
            .forEach(barrier::awaitSuccessor);
      }
    }
    return barrier.stood();
  }
}
