package dev.nebulastore.storage.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.Group.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard has under way in the engine, across the generations of its worker.
 *
 * <p>Threads: guarded by its lock, under which nothing waits; the writes under way are read by the
 * worker and taken away by the committer without it.
 */
final class Lane {

  private final int shard;
  private final RocksDbEngine engine;
  private final ReentrantLock lock = new ReentrantLock();

  // The last write of each key that is submitted and not settled.
  private final Map<Key, Write> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger unsettled = new AtomicInteger();

  @GuardedBy("lock")
  private long generation;

  @GuardedBy("lock")
  private Revision revision;

  @GuardedBy("lock")
  private long losses;

  Lane(int shard, RocksDbEngine engine, Revision first) {
    this.shard = shard;
    this.engine = engine;
    this.revision = first;
  }

  int shard() {
    return shard;
  }

  ShardStore open(long next) {
    lock.lock();
    try {
      if (next <= generation) {
        throw new IllegalArgumentException(
            "Generation %d of shard %d does not follow %d.".formatted(next, shard, generation));
      }
      generation = next;
      return new Store(next);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the committer, when the batch is written: the database knows it from now on. A later write
   * of the same key stays under way; values are not compared, since a write is an object of its
   * own.
   */
  @SuppressWarnings("ReferenceEquality")
  void settle(Batch batch) {
    for (Write write : batch.writes()) {
      underWay.computeIfPresent(write.change().key(), (key, last) -> last == write ? null : last);
    }
    unsettled.addAndGet(-batch.writes().size());
    batch.committed();
  }

  /** By the committer: the batch was lost, or perhaps. */
  void fail(Batch batch, ShardFailure failure) {
    unsettled.addAndGet(-batch.writes().size());
    batch.failed(failure);
  }

  /**
   * By the committer, when it has stopped writing: forgets what is under way. What was decided on
   * top of it and is not submitted yet will be refused.
   */
  void lose() {
    lock.lock();
    try {
      losses++;
      underWay.clear();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Accepts the batches of several lanes, from this index on, to be written as one. All are locked,
   * in one order, before the first is accepted, and handed to the committer before the first is
   * unlocked: so that no batch overtakes another of its lane.
   *
   * @param refusal why they can't be accepted, as far as it is known
   */
  static void submit(List<Part> parts, int index, @Nullable ShardFailure refusal) {
    if (index < parts.size()) {
      ((Store) parts.get(index).store()).check(parts, index, refusal);
      return;
    }
    parts.forEach(part -> part.batch().accepted());
    if (refusal != null) {
      parts.forEach(part -> part.batch().failed(refusal));
      return;
    }
    List<Member> members = new ArrayList<>(parts.size());
    for (Part part : parts) {
      Store store = (Store) part.store();
      store.take(part.batch());
      members.add(new Member(store.lane(), part.batch()));
    }
    members.getFirst().lane().engine.enqueue(members);
  }

  /** The lane as one generation sees it. */
  private final class Store implements ShardStore {
    private final long mine;

    Store(long mine) {
      this.mine = mine;
    }

    @Override
    public Revision revision() {
      lock.lock();
      try {
        return revision;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public Lookup committed(Key key) {
      return engine.inMemory(shard, key);
    }

    /** A write leaves {@code underWay} after it is in the database: so one of the two has it. */
    @Override
    public Lookup latest(Key key) {
      Write write = underWay.get(key);
      return write == null ? committed(key) : new Lookup.Known(write.after());
    }

    @Override
    public void fetch(Key key, Consumer<Lookup> then) {
      engine.fetch(shard, key, then);
    }

    @Override
    public boolean reserve(@Nullable Entry before, Change change) {
      return !(change instanceof Change.Put) || engine.hasRoom();
    }

    @Override
    public long losses() {
      lock.lock();
      try {
        return losses;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int unsettled() {
      return unsettled.get();
    }

    @Override
    public void submit(long known, Batch batch) {
      engine.submit(List.of(new Part(this, known, batch)));
    }

    private Lane lane() {
      return Lane.this;
    }

    /**
     * Locks the lane, refuses if this generation is fenced, and says why nothing can be accepted.
     */
    private void check(List<Part> parts, int index, @Nullable ShardFailure refusal) {
      lock.lock();
      try {
        if (mine != generation) {
          throw new FencedException(shard, mine, generation);
        }
        boolean onLostGround = parts.get(index).losses() != losses;
        Lane.submit(
            parts, index + 1, refusal == null ? engine.refusal(shard, onLostGround) : refusal);
      } finally {
        lock.unlock();
      }
    }

    /** By who has all locks: see {@link #submit(List, int, ShardFailure)}. */
    @SuppressWarnings("GuardedBy")
    private void take(Batch batch) {
      for (Write write : batch.writes()) {
        underWay.put(write.change().key(), write);
        revision = write.change().revision();
      }
      unsettled.addAndGet(batch.writes().size());
    }

    @Override
    public OptionalLong entries() {
      return OptionalLong.empty();
    }
  }
}
