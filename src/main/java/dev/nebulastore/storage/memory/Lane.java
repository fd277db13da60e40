package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Tenure;
import dev.nebulastore.storage.Write;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard owns of the memory engine, across the generations of its worker.
 *
 * <p>Threads: guarded by the tenure.
 */
final class Lane {

  /** What an entry takes beyond its bytes: measured, see docs/performance.md. */
  static final int OVERHEAD = 232;

  /** What a time to live takes besides. */
  static final int EXPIRY_OVERHEAD = 88;

  private final MemoryEngine engine;
  private final Tenure tenure;

  // Guarded by the tenure.
  private long reserved;

  Lane(int shard, MemoryEngine engine, Revision first) {
    this.engine = engine;
    this.tenure = new Tenure(shard, first);
  }

  Tenure tenure() {
    return tenure;
  }

  ShardStore open(long next) {
    return tenure.begin(
        next,
        () -> {
          engine.giveBack(reserved);
          reserved = 0;
          return new Store(next);
        });
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
    if (index < parts.size()) {
      ((Store) parts.get(index).store()).enter(parts, index);
      return;
    }
    parts.forEach(part -> ((Store) part.store()).commit(part.batch()));
    parts.forEach(part -> part.batch().committed());
  }

  /** The lane as one generation sees it. */
  private final class Store implements ShardStore {
    private final long mine;

    Store(long mine) {
      this.mine = mine;
    }

    @Override
    public Revision revision() {
      return tenure.revision();
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
      tenure.enter(mine);
      try {
        boolean taken = engine.take(growth);
        reserved += taken ? growth : 0;
        return taken;
      } finally {
        tenure.leave();
      }
    }

    @Override
    public void submit(long losses, Batch batch) {
      engine.submit(List.of(new Part(this, losses, batch)));
    }

    private void enter(List<Part> parts, int index) {
      tenure.enter(mine);
      try {
        Lane.submit(parts, index + 1);
      } finally {
        tenure.leave();
      }
    }

    /** By who has entered all: see {@link #submit(List, int)}. */
    private void commit(Batch batch) {
      batch.accepted();
      long growth = 0;
      for (Write write : batch.writes()) {
        Entry before = engine.apply(write.change());
        Entry after = write.after();
        growth += sizeOf(after) - sizeOf(before);
      }
      if (!batch.writes().isEmpty()) {
        tenure.raise(batch.writes().getLast().change().revision());
      }
      engine.giveBack(reserved - growth);
      reserved = 0;
    }
  }
}
