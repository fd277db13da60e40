package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardFence;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one shard owns of the memory engine, across the generations of its worker.
 *
 * <p>Threads: guarded by the tenure.
 */
final class MemoryShard {

  /** What an entry takes beyond its bytes: measured, see docs/performance.md. */
  static final int OVERHEAD = 232;

  /** What a time to live takes besides. */
  static final int EXPIRY_OVERHEAD = 88;

  private final MemoryEngine engine;
  private final ShardFence tenure;

  // Guarded by the tenure.
  private long reserved;

  MemoryShard(int shard, MemoryEngine engine, Revision first) {
    this.engine = engine;
    this.tenure = new ShardFence(shard, first);
  }

  ShardFence tenure() {
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
    long[] growth = apply(parts);
    for (int i = 0; i < growth.length; i++) {
      ((Store) parts.get(i).store()).accept(parts.get(i).batch(), growth[i]);
    }
    tell(parts);
  }

  /**
   * Carries out all writes, or none if it throws, as for want of memory: those that were are undone
   * then. Nobody has been told of the batches before.
   *
   * @return by how many bytes each part makes the store grow
   */
  private static long[] apply(List<Part> parts) {
    long[] growth = new long[parts.size()];
    List<Write> writes = new ArrayList<>();
    parts.forEach(part -> writes.addAll(part.batch().writes()));
    MemoryEngine engine = ((Store) parts.getFirst().store()).lane().engine;
    int begun = 0;
    try {
      for (int part = 0; part < growth.length; part++) {
        for (int i = parts.get(part).batch().writes().size(); i > 0; i--) {
          Write write = writes.get(begun);
          Change change = write.change();
          begun++;
          growth[part] += sizeOf(write.after()) - sizeOf(engine.apply(change));
        }
      }
      return growth;
    } catch (Throwable e) {
      for (int i = begun - 1; i >= 0; i--) {
        engine.undo(writes.get(i));
      }
      throw e;
    }
  }

  /** Each of them, also when another one fails. */
  private static void tell(List<Part> parts) {
    Throwable thrown = null;
    for (int i = 0; i < parts.size(); i++) {
      try {
        parts.get(i).batch().committed();
      } catch (Throwable e) {
        thrown = e;
      }
    }
    switch (thrown) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      case null, default -> {}
    }
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
    public Lookup committed(Key key, @Nullable ContentBudget budget) {
      Entry entry = engine.get(key);
      return entry == null ? Lookup.NOTHING : new Lookup.Known(entry);
    }

    /** What is submitted is committed. */
    @Override
    public Lookup latest(Key key, @Nullable ContentBudget budget) {
      return committed(key, budget);
    }

    @Override
    public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
      then.accept(committed(key, budget));
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
        MemoryShard.submit(parts, index + 1);
      } finally {
        tenure.leave();
      }
    }

    private MemoryShard lane() {
      return MemoryShard.this;
    }

    /** By who has entered all: see {@link #submit(List, int)}. */
    private void accept(Batch batch, long growth) {
      batch.accepted();
      if (!batch.writes().isEmpty()) {
        tenure.raise(batch.writes().getLast().change().revision());
      }
      engine.giveBack(reserved - growth);
      reserved = 0;
    }
  }
}
