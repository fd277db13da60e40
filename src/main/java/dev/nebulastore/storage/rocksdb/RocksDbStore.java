package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.directory.FreeSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store of one shard, as one generation of its worker sees it.
 *
 * <p>Threads: as {@link ShardStore}.
 */
final class RocksDbStore implements ShardStore {

  private final RocksDbShard shard;
  private final long generation;
  private final CommittedReads reads;
  private final Committer committer;
  private final FreeSpace space;
  private final RecordBuffer buffer = new RecordBuffer();
  private final MissRate misses = new MissRate();

  RocksDbStore(
      RocksDbShard shard,
      long generation,
      CommittedReads reads,
      Committer committer,
      FreeSpace space) {
    this.shard = shard;
    this.generation = generation;
    this.reads = reads;
    this.committer = committer;
    this.space = space;
  }

  @Override
  public Revision revision() {
    return shard.fence().revision();
  }

  @Override
  public Lookup committed(Key key, @Nullable ContentBudget budget) {
    // A hit that waits for a reader must not wait for a slow disk.
    if (reads.areFast() && misses.isLookInVain()) {
      return Lookup.OnDisk.INSTANCE;
    }
    Lookup found = reads.inMemory(shard.shard(), key, buffer, budget);
    misses.count(found instanceof Lookup.OnDisk);
    return found;
  }

  /** A write leaves {@code inFlight} after it is in the database: so one of the two has it. */
  @Override
  public Lookup latest(Key key, @Nullable ContentBudget budget) {
    Write write = shard.inFlight().of(key);
    return write == null ? committed(key, budget) : new Lookup.Known(write.after());
  }

  @Override
  public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
    reads.fetch(shard.shard(), key, budget, then);
  }

  @Override
  public boolean isBacklogged() {
    return shard.inFlight().isBacklogged();
  }

  @Override
  public long quota() {
    return space.isLow() ? Quota.NO_PUTS : Quota.UNLIMITED;
  }

  /** How much room a write takes on the disk is not known: there is a margin for it. */
  @Override
  public boolean reserve(@Nullable Entry before, Change change) {
    return true;
  }

  @Override
  public long lossEpoch() {
    return shard.inFlight().lossEpoch();
  }

  @Override
  public int unsettled() {
    return shard.unsettled();
  }

  @Override
  public void submit(long known, Batch batch) {
    submit(List.of(new Part(this, known, batch)));
  }

  /**
   * Accepts the batches of several shards, to be written as one. All shards are fenced off, in one
   * order, before the first batch is accepted, and all batches are handed to the committer before
   * the first fence is left: so that no batch overtakes another of its shard.
   *
   * <p>All that may fail, as for want of memory, is done before the first batch is accepted, and
   * undone if it does; from there to the hand-over nothing is allocated. So no batch is accepted
   * and then forgotten, and none is seen that was not accepted.
   */
  static void submit(List<Part> parts) {
    submit(parts, 0, null);
  }

  /**
   * Enters the fences from this index on.
   *
   * @param refusal why the batches can't be accepted, as far as it is known
   */
  private static void submit(List<Part> parts, int index, @Nullable ShardFailure refusal) {
    if (index < parts.size()) {
      ((RocksDbStore) parts.get(index).store()).enter(parts, index, refusal);
    } else if (refusal != null) {
      refuse(parts, refusal);
    } else {
      accept(parts);
    }
  }

  /** Refuses if this generation is fenced, and finds out whether a batch can be accepted. */
  private void enter(List<Part> parts, int index, @Nullable ShardFailure refusal) {
    shard.fence().enter(generation);
    try {
      boolean onLostWrite = parts.get(index).lossEpoch() != lossEpoch();
      submit(parts, index + 1, refusal == null ? refusal(onLostWrite) : refusal);
    } finally {
      shard.fence().leave();
    }
  }

  private @Nullable ShardFailure refusal(boolean onLostWrite) {
    return onLostWrite ? committer.lostWrite(shard.shard()) : committer.refusal(shard.shard());
  }

  private static void refuse(List<Part> parts, ShardFailure refusal) {
    for (int i = 0; i < parts.size(); i++) {
      Batch batch = parts.get(i).batch();
      batch.accepted();
      batch.failed(refusal);
    }
  }

  private static void accept(List<Part> parts) {
    List<AcceptedBatch> batches = new ArrayList<>(parts.size());
    parts.forEach(
        part -> batches.add(new AcceptedBatch(((RocksDbStore) part.store()).shard, part.batch())));
    AcceptedQueue.Item item = new AcceptedQueue.Item(batches);
    RocksDbStore first = (RocksDbStore) parts.getFirst().store();
    first.shard.inFlight().add(parts);
    for (int i = 0; i < batches.size(); i++) {
      batches.get(i).shard().accept(batches.get(i).batch());
    }
    first.committer.enqueue(item);
  }
}
