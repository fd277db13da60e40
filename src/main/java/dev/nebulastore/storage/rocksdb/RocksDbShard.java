package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardFence;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.AcceptedQueue.Together;
import dev.nebulastore.storage.rocksdb.CommitGroup.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard has under way in the engine, across the generations of its worker.
 *
 * <p>Threads: guarded by the tenure, in which nothing waits; the writes under way are read by the
 * worker and taken away by the committer without it.
 */
final class RocksDbShard {

  private final int shard;
  private final RocksDbEngine engine;
  private final ShardFence tenure;
  private final AtomicInteger unsettled = new AtomicInteger();

  RocksDbShard(int shard, RocksDbEngine engine, Revision first) {
    this.shard = shard;
    this.engine = engine;
    this.tenure = new ShardFence(shard, first);
  }

  int shard() {
    return shard;
  }

  ShardFence tenure() {
    return tenure;
  }

  ShardStore open(long next) {
    return tenure.begin(next, () -> new Store(next));
  }

  /**
   * By the committer, when the batch is written: the database knows it from now on. The batch is
   * told whatever fails before; a write that stays under way does no harm, as it is what is
   * committed.
   */
  void settle(Batch batch) {
    try {
      engine.inFlight().settle(batch.writes());
    } finally {
      engine.inFlight().release(batch.writes());
      unsettled.addAndGet(-batch.writes().size());
      batch.committed();
    }
  }

  /** By the committer: the batch was lost, or perhaps. */
  void fail(Batch batch, ShardFailure failure) {
    engine.inFlight().release(batch.writes());
    unsettled.addAndGet(-batch.writes().size());
    batch.failed(failure);
  }

  /** Has had the lock: what was being accepted has been handed to the committer. */
  void pass() {
    var _ = tenure.revision();
  }

  /**
   * Accepts the batches of several lanes, from this index on, to be written as one. All are locked,
   * in one order, before the first is accepted, and handed to the committer before the first is
   * unlocked: so that no batch overtakes another of its lane.
   *
   * <p>All that may fail, as for want of memory, is done before the first is accepted, and undone
   * if it does; from there to the hand-over nothing is allocated. So no batch is accepted and then
   * forgotten, and none is seen that was not accepted.
   *
   * @param refusal why they can't be accepted, as far as it is known
   */
  static void submit(List<Part> parts, int index, @Nullable ShardFailure refusal) {
    if (index < parts.size()) {
      ((Store) parts.get(index).store()).check(parts, index, refusal);
    } else if (refusal != null) {
      refuse(parts, refusal);
    } else {
      accept(parts);
    }
  }

  private static void refuse(List<Part> parts, ShardFailure refusal) {
    for (int i = 0; i < parts.size(); i++) {
      Batch batch = parts.get(i).batch();
      batch.accepted();
      batch.failed(refusal);
    }
  }

  private static void accept(List<Part> parts) {
    List<Member> members = new ArrayList<>(parts.size());
    parts.forEach(part -> members.add(new Member(((Store) part.store()).lane(), part.batch())));
    Together together = new Together(members);
    RocksDbEngine engine = members.getFirst().lane().engine;
    engine.inFlight().add(members);
    for (int i = 0; i < members.size(); i++) {
      members.get(i).lane().take(members.get(i).batch());
    }
    engine.enqueue(together);
  }

  private void take(Batch batch) {
    batch.accepted();
    List<Write> writes = batch.writes();
    if (!writes.isEmpty()) {
      tenure.raise(writes.getLast().change().revision());
      unsettled.addAndGet(writes.size());
    }
  }

  /** The lane as one generation sees it. */
  private final class Store implements ShardStore {
    private final long mine;

    private final RecordBuffer buffer = new RecordBuffer();
    private final MissRate misses = new MissRate();

    Store(long mine) {
      this.mine = mine;
    }

    @Override
    public Revision revision() {
      return tenure.revision();
    }

    @Override
    public Lookup committed(Key key, @Nullable ContentBudget budget) {
      // A hit that waits for a reader must not wait for a slow disk.
      if (engine.readsAreFast() && misses.isLookInVain()) {
        return Lookup.OnDisk.INSTANCE;
      }
      Lookup found = engine.inMemory(shard, key, buffer, budget);
      misses.count(found instanceof Lookup.OnDisk);
      return found;
    }

    /** A write leaves {@code inFlight} after it is in the database: so one of the two has it. */
    @Override
    public Lookup latest(Key key, @Nullable ContentBudget budget) {
      Write write = engine.inFlight().of(key);
      return write == null ? committed(key, budget) : new Lookup.Known(write.after());
    }

    @Override
    public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
      engine.fetch(shard, key, budget, then);
    }

    @Override
    public boolean isBacklogged() {
      return engine.inFlight().isBacklogged();
    }

    @Override
    public boolean reserve(@Nullable Entry before, Change change) {
      return !(change instanceof Change.Put) || engine.hasRoom();
    }

    @Override
    public long losses() {
      return engine.inFlight().losses();
    }

    @Override
    public int unsettled() {
      return unsettled.get();
    }

    @Override
    public void submit(long known, Batch batch) {
      engine.submit(List.of(new Part(this, known, batch)));
    }

    private RocksDbShard lane() {
      return RocksDbShard.this;
    }

    /** Enters, which refuses if this generation is fenced, and says why nothing can be accepted. */
    private void check(List<Part> parts, int index, @Nullable ShardFailure refusal) {
      tenure.enter(mine);
      try {
        boolean onLostGround = parts.get(index).losses() != losses();
        RocksDbShard.submit(
            parts, index + 1, refusal == null ? engine.refusal(shard, onLostGround) : refusal);
      } finally {
        tenure.leave();
      }
    }
  }
}
