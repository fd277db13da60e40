package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.ShardFence;
import dev.nebulastore.storage.Write;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the engine keeps of one shard, across the generations of its worker: the fence, and how many
 * of its writes are not settled.
 *
 * <p>Threads: {@link #accept} is called within the fence; {@link #settle} and {@link #fail} are
 * confined to the committer; the rest is safe for all.
 */
final class RocksDbShard {

  private final int shard;
  private final InFlightWrites inFlight;
  private final ShardFence fence;
  private final AtomicInteger unsettled = new AtomicInteger();

  RocksDbShard(int shard, InFlightWrites inFlight, Revision first) {
    this.shard = shard;
    this.inFlight = inFlight;
    this.fence = new ShardFence(shard, first);
  }

  int shard() {
    return shard;
  }

  ShardFence fence() {
    return fence;
  }

  /** The writes of all shards that are accepted and not settled. */
  InFlightWrites inFlight() {
    return inFlight;
  }

  /** How many writes of this shard are accepted and not settled. */
  int unsettled() {
    return unsettled.get();
  }

  /** Accepts a batch; nothing is allocated, so that this can't fail. */
  void accept(Batch batch) {
    batch.accepted();
    List<Write> writes = batch.writes();
    if (!writes.isEmpty()) {
      fence.raise(writes.getLast().change().revision());
      unsettled.addAndGet(writes.size());
    }
  }

  /**
   * The batch is written: from now on the database has it. The batch is notified, whatever fails
   * before. A write that stays in flight does no harm, as it equals what is committed.
   */
  void settle(Batch batch) {
    try {
      inFlight.settle(batch.writes());
    } finally {
      inFlight.release(batch.writes());
      unsettled.addAndGet(-batch.writes().size());
      batch.committed();
    }
  }

  /** The batch was lost, or may have been. */
  void fail(Batch batch, ShardFailure failure) {
    inFlight.release(batch.writes());
    unsettled.addAndGet(-batch.writes().size());
    batch.failed(failure);
  }

  /**
   * Passes the fence once: after that, what was being accepted is in the queue of the committer.
   */
  void awaitAccepted() {
    var _ = fence.revision();
  }
}
