package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.shard.MailboxMessage.QuiescedShard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Brings the workers of some shards to a stand, one after another in the order of their numbers,
 * and lets all of them go when it is closed.
 *
 * <p>Nobody waits for ever, and no two wait for each other: a transaction waits only for shards
 * with greater numbers than those that it has; a worker that is quiesced waits for the one
 * transaction that has it, and those queued behind it have no shard of a greater number yet. So
 * whatever waits, waits for somebody with greater numbers, and the greatest goes on. Besides, all
 * of it has a deadline. In which order seats are taken at a shard does not matter for that, so some
 * may go ahead.
 *
 * <p>Threads: confined to the transaction's.
 */
final class ShardBarrier implements AutoCloseable {

  private final List<BarrierRequest> requests = new ArrayList<>();
  private final SortedMap<Integer, QuiescedShard> floors = new TreeMap<>();
  private final Execution execution;
  private final boolean ahead;
  private final Duration limit;
  private final long until;
  private final Consumer<BarrierRequest> offer;
  private long firstHaltedAt;

  /**
   * None stands yet.
   *
   * @param ahead whether its seats go ahead of all that waits
   * @param limit how long it may take from now on until they may go on
   * @param offer puts a seat into the mailbox of its shard, or throws
   */
  ShardBarrier(Execution execution, boolean ahead, Duration limit, Consumer<BarrierRequest> offer) {
    this.execution = execution;
    this.ahead = ahead;
    this.limit = limit;
    this.until = execution.nanoTime() + limit.toNanos();
    this.offer = offer;
  }

  /**
   * Brings these to a stand.
   *
   * @throws ShardFailure if one can't be, or not in time
   */
  void stop(SortedSet<Integer> shards) {
    for (int shard : shards) {
      BarrierRequest request = new BarrierRequest(execution, shard, ahead, limit, until);
      offer.accept(request);
      requests.add(request);
      QuiescedShard floor = request.await(null);
      if (floors.isEmpty()) {
        firstHaltedAt = request.haltedAt();
      }
      floors.put(shard, floor);
    }
  }

  /**
   * When they have been let go: for how long they took nothing new, from the first that was brought
   * to a stand to the last that was let go.
   */
  Duration stood() {
    return Duration.ofNanos(execution.nanoTime() - firstHaltedAt);
  }

  /** Look-ups by the same time. */
  TransactionReads reads() {
    return new TransactionReads(execution, limit, until);
  }

  /** What the workers lend, by shard. */
  SortedMap<Integer, QuiescedShard> floors() {
    return floors;
  }

  /** The mailbox of a worker that is quiesced, or did when it was last awaited. */
  Mailbox mailbox(int shard) {
    return Objects.requireNonNull(floors.get(shard)).mailbox();
  }

  /**
   * After one was found to be fenced: waits until its successor stands in its place.
   *
   * @throws ShardFailure if that takes too long
   */
  void awaitSuccessor(int shard) {
    for (BarrierRequest request : requests) {
      if (request.shard() == shard) {
        floors.put(shard, request.await(floors.get(shard)));
      }
    }
  }

  @Override
  public void close() {
    requests.forEach(BarrierRequest::leave);
    requests.clear();
  }
}
