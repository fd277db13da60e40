package dev.nebulastore.storage.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard owns of the memory engine, across the generations of its worker.
 *
 * <p>Threads: guarded by its lock.
 */
final class Lane {

  /** What an entry takes beyond its bytes: measured, see docs/performance.md. */
  static final int OVERHEAD = 232;

  /** What a time to live takes besides. */
  static final int EXPIRY_OVERHEAD = 88;

  private final int shard;
  private final MemoryEngine engine;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private long generation;

  @GuardedBy("lock")
  private Revision revision;

  @GuardedBy("lock")
  private long reserved;

  Lane(int shard, MemoryEngine engine, Revision first) {
    this.shard = shard;
    this.engine = engine;
    this.revision = first;
  }

  ShardStore open(long next) {
    lock.lock();
    try {
      if (next <= generation) {
        throw new IllegalArgumentException(
            "Generation %d of shard %d does not follow %d.".formatted(next, shard, generation));
      }
      generation = next;
      engine.giveBack(reserved);
      reserved = 0;
      return new Store(next);
    } finally {
      lock.unlock();
    }
  }

  /** Gives no revision up to this one any more. */
  void raise(Revision least) {
    lock.lock();
    try {
      if (revision.compareTo(least) < 0) {
        revision = least;
      }
    } finally {
      lock.unlock();
    }
  }

  Revision revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }

  private static long sizeOf(@Nullable Entry entry) {
    return entry == null
        ? 0
        : (long) entry.key().utf8().length
            + entry.value().size()
            + entry.value().contentType().length()
            + OVERHEAD
            + (entry.expires() == null ? 0 : EXPIRY_OVERHEAD);
  }

  /**
   * Commits the batches of several lanes, from this index on. All are locked before the first is
   * carried out, in one order, and told before the first is unlocked: so that a batch is settled
   * whole before a successor begins.
   */
  static void submit(List<Part> parts, int index) {
    if (index == parts.size()) {
      parts.forEach(part -> ((Store) part.store()).commit(part.batch()));
      parts.forEach(part -> part.batch().committed());
      return;
    }
    Store store = (Store) parts.get(index).store();
    store.whileLocked(() -> Lane.submit(parts, index + 1));
  }

  /** The lane as one generation sees it. */
  private final class Store implements ShardStore {
    private final long mine;

    Store(long mine) {
      this.mine = mine;
    }

    @Override
    public Revision revision() {
      return Lane.this.revision();
    }

    @Override
    public Lookup committed(Key key) {
      Entry entry = engine.get(key);
      return entry == null ? Lookup.NOTHING : new Lookup.Known(entry);
    }

    /** What is submitted is committed. */
    @Override
    public Lookup latest(Key key) {
      return committed(key);
    }

    @Override
    public void fetch(Key key, Consumer<Lookup> then) {
      then.accept(committed(key));
    }

    @Override
    public long losses() {
      return 0;
    }

    @Override
    public int unsettled() {
      return 0;
    }

    @Override
    public boolean reserve(@Nullable Entry before, Change change) {
      long growth = change instanceof Change.Put(Entry after) ? sizeOf(after) - sizeOf(before) : 0;
      if (growth <= 0) {
        return true;
      }
      lock.lock();
      try {
        refuseIfFenced();
        if (!engine.take(growth)) {
          return false;
        }
        reserved += growth;
        return true;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void submit(long losses, Batch batch) {
      engine.submit(List.of(new Part(this, losses, batch)));
    }

    private void whileLocked(Runnable next) {
      lock.lock();
      try {
        refuseIfFenced();
        next.run();
      } finally {
        lock.unlock();
      }
    }

    /** By who has all locks: see {@link #submit(List, int)}. */
    @SuppressWarnings("GuardedBy")
    private void commit(Batch batch) {
      batch.accepted();
      long growth = 0;
      for (Write write : batch.writes()) {
        Entry before = engine.apply(write.change());
        Entry after = write.after();
        growth += sizeOf(after) - sizeOf(before);
        revision = write.change().revision();
      }
      engine.giveBack(reserved - growth);
      reserved = 0;
    }

    @GuardedBy("Lane.this.lock")
    private void refuseIfFenced() {
      if (mine != generation) {
        throw new FencedException(shard, mine, generation);
      }
    }
  }
}
