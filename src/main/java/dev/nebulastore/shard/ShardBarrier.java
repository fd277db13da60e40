package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Quiesces the workers of some shards, in the order of their numbers, and resumes them.
 *
 * <p>There is no deadlock. A transaction waits only for shards with greater numbers than those it
 * has. A quiesced worker waits for the one transaction that has it, and the transactions queued
 * behind that have no shard of a greater number yet. So along any chain of waiting the numbers
 * grow, and the last one proceeds. Besides, all of it has a deadline. The order in which a shard
 * serves its requests does not matter for that, so urgent ones may overtake others.
 *
 * <p>Threads: confined to the transaction's.
 */
final class ShardBarrier implements AutoCloseable {

  private final List<BarrierRequest> requests = new ArrayList<>();
  private final SortedMap<Integer, QuiescedShard> quiesced = new TreeMap<>();
  private final Execution execution;
  private final boolean urgent;
  private final Duration limit;
  private final long until;
  private final Consumer<BarrierRequest> offer;
  private long firstPausedSince;

  /**
   * No worker is quiesced yet.
   *
   * @param urgent whether its requests overtake all that waits
   * @param limit how long it may take from now until the workers continue
   * @param offer adds a request to the mailbox of its shard, or throws
   */
  ShardBarrier(
      Execution execution, boolean urgent, Duration limit, Consumer<BarrierRequest> offer) {
    this.execution = execution;
    this.urgent = urgent;
    this.limit = limit;
    this.until = execution.nanoTime() + limit.toNanos();
    this.offer = offer;
  }

  /**
   * Quiesces the workers of these shards.
   *
   * @throws ShardFailure if one can't be quiesced, or not in time
   */
  void quiesce(SortedSet<Integer> shards) {
    for (int shard : shards) {
      BarrierRequest request = new BarrierRequest(execution, shard, urgent, limit, until);
      offer.accept(request);
      requests.add(request);
      QuiescedShard lent = request.await(null);
      if (quiesced.isEmpty()) {
        firstPausedSince = request.pausedSince();
      }
      quiesced.put(shard, lent);
    }
  }

  /**
   * When the workers have been let go: for how long they accepted nothing new, from the first that
   * was quiesced to the last that was let go.
   */
  Duration pause() {
    return Duration.ofNanos(execution.nanoTime() - firstPausedSince);
  }

  /** Creates reads that end at the same deadline. */
  TransactionReads reads() {
    return new TransactionReads(execution, limit, until);
  }

  /** What the workers lend, by shard. */
  SortedMap<Integer, QuiescedShard> quiesced() {
    return quiesced;
  }

  /** What the worker of a shard lends, or lent until it was replaced. */
  QuiescedShard quiesced(int shard) {
    return Objects.requireNonNull(quiesced.get(shard));
  }

  /**
   * After a worker was found to be replaced: waits until its successor is quiesced.
   *
   * @throws ShardFailure if that takes too long
   */
  void awaitSuccessor(int shard) {
    for (BarrierRequest request : requests) {
      if (request.shard() == shard) {
        quiesced.put(shard, request.await(quiesced.get(shard)));
      }
    }
  }

  @Override
  public void close() {
    requests.forEach(BarrierRequest::leave);
    requests.clear();
  }
}
