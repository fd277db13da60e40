package dev.nebulastore.shard;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.Write;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the writes of one batch are decided on: what the store has, and what the batch itself will
 * leave there.
 *
 * <p>Threads: confined to the worker's.
 */
final class BatchOverlay {

  private final ShardStore store;
  private final Map<Key, @Nullable Entry> pending = new HashMap<>();
  private Revision revision;
  private long losses;

  BatchOverlay(ShardStore store) {
    this.store = store;
    this.revision = store.revision();
  }

  /** Before the first look-up for a batch. */
  void begin() {
    losses = store.losses();
    revision = store.revision();
  }

  /**
   * That something is decided on what was fetched when there were so many losses. If there are more
   * now, the engine will refuse the batch.
   */
  void saw(long lossesThen) {
    losses = Math.min(losses, lossesThen);
  }

  /**
   * The revision of the last write of the batch, or before it; or that to which the store was
   * raised meanwhile, as keys were handed over.
   */
  Revision revision() {
    Revision raised = store.revision();
    return raised.compareTo(revision) > 0 ? raised : revision;
  }

  /**
   * What stands under a key.
   *
   * @param fetched what the disk had; out of date only where an earlier write of the batch has the
   *     key. Null if nothing was fetched
   * @param budget pays for a large value; null if it need not be read
   */
  Lookup latest(Key key, @Nullable Lookup fetched, @Nullable ContentBudget budget) {
    if (!pending.isEmpty() && pending.containsKey(key)) {
      return new Lookup.Known(pending.get(key));
    }
    return fetched == null ? store.latest(key, budget) : fetched;
  }

  void add(Write write) {
    pending.put(write.change().key(), write.after());
    revision = write.change().revision();
  }

  void submit(ShardBatch batch) {
    store.submit(losses, batch);
    pending.clear();
  }
}
