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
 * What the writes of one batch are decided on: the store, and on top of it the earlier writes of
 * the batch.
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

  /** Before the first read for a batch. */
  void begin() {
    losses = store.lossEpoch();
    revision = store.revision();
  }

  /**
   * Something is decided on what was fetched when the store had these losses. If it has more now,
   * the engine will refuse the batch.
   */
  void saw(long lossesThen) {
    losses = Math.min(losses, lossesThen);
  }

  /**
   * The revision of the last write of the batch, or of the store before it; or the revision to
   * which a handoff of keys has raised the store meanwhile.
   */
  Revision revision() {
    Revision raised = store.revision();
    return raised.compareTo(revision) > 0 ? raised : revision;
  }

  /**
   * What a write of a key is decided on.
   *
   * @param fetched what was fetched from the disk, out of date only if an earlier write of the
   *     batch has the key; null if nothing was fetched
   * @param budget pays for a large value; null if the value is not needed
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
