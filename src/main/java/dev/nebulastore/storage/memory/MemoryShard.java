package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Quota;
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
 * What the memory engine keeps of one shard, across the generations of its worker.
 *
 * <p>Threads: guarded by the fence.
 */
final class MemoryShard {

  private final MemoryTable table;
  private final ShardFence fence;

  // Guarded by the fence.
  private long reserved;

  MemoryShard(int shard, MemoryTable table, Revision first) {
    this.table = table;
    this.fence = new ShardFence(shard, first);
  }

  ShardFence fence() {
    return fence;
  }

  ShardStore open(long next) {
    return fence.begin(
        next,
        () -> {
          table.release(reserved);
          reserved = 0;
          return new Store(next);
        });
  }

  /**
   * Commits the batches of several shards, from this index on. The fences of all shards are entered
   * in one order before the first batch is applied, and the batches are notified before the first
   * fence is left. So a batch is settled as a whole before a successor begins.
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
   * Applies all writes, or none if it throws, for example for want of memory: those that were
   * applied are undone then. No batch is notified before.
   *
   * @return by how many bytes each part makes the store grow
   */
  private static long[] apply(List<Part> parts) {
    long[] growth = new long[parts.size()];
    List<Write> writes = new ArrayList<>();
    parts.forEach(part -> writes.addAll(part.batch().writes()));
    MemoryTable table = ((Store) parts.getFirst().store()).shard().table;
    int begun = 0;
    try {
      for (int part = 0; part < growth.length; part++) {
        for (int i = parts.get(part).batch().writes().size(); i > 0; i--) {
          Write write = writes.get(begun);
          Change change = write.change();
          begun++;
          growth[part] += Quota.sizeOf(write.after()) - Quota.sizeOf(table.apply(change));
        }
      }
      return growth;
    } catch (Throwable e) {
      for (int i = begun - 1; i >= 0; i--) {
        table.undo(writes.get(i));
      }
      throw e;
    }
  }

  /** Tells each of them, also when another one fails. */
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

  /** The store as one generation sees it. */
  private final class Store implements ShardStore {
    private final long mine;

    Store(long mine) {
      this.mine = mine;
    }

    @Override
    public Revision revision() {
      return fence.revision();
    }

    @Override
    public Lookup committed(Key key, @Nullable ContentBudget budget) {
      Entry entry = table.get(key);
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
    public long lossEpoch() {
      return 0;
    }

    @Override
    public int unsettled() {
      return 0;
    }

    @Override
    public long quota() {
      return table.room();
    }

    @Override
    public boolean reserve(@Nullable Entry before, Change change) {
      long growth = Quota.growth(before, change);
      if (growth == 0) {
        return true;
      }
      fence.enter(mine);
      try {
        boolean taken = table.reserve(growth);
        reserved += taken ? growth : 0;
        return taken;
      } finally {
        fence.leave();
      }
    }

    @Override
    public void submit(long lossEpoch, Batch batch) {
      MemoryShard.submit(List.of(new Part(this, lossEpoch, batch)), 0);
    }

    private void enter(List<Part> parts, int index) {
      fence.enter(mine);
      try {
        MemoryShard.submit(parts, index + 1);
      } finally {
        fence.leave();
      }
    }

    private MemoryShard shard() {
      return MemoryShard.this;
    }

    /** Called when all fences are entered: see {@link #submit(List, int)}. */
    private void accept(Batch batch, long growth) {
      batch.accepted();
      if (!batch.writes().isEmpty()) {
        fence.raise(batch.writes().getLast().change().revision());
      }
      table.release(reserved - growth);
      reserved = 0;
    }
  }
}
