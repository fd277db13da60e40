package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store of one shard, for one generation of its worker. A batch that was submitted belongs to
 * the engine: it is settled whatever becomes of the worker, and the successor continues from there.
 *
 * <p>Threads: confined to the worker's thread (invariant 1), or, while the worker is quiesced, to
 * the thread that its store was lent to. No method waits for a disk.
 */
public interface ShardStore {

  /**
   * The revision of the last write that was submitted; later revisions of this shard are greater.
   */
  Revision revision();

  /**
   * What is committed under this key.
   *
   * @param budget reserves memory for a large value before it is read; null if the value need not
   *     be read. An engine that has all values in memory may ignore it
   */
  Lookup committed(Key key, @Nullable ContentBudget budget);

  /**
   * What will be committed under this key when all submitted batches are.
   *
   * @param budget as for {@link #committed}
   */
  Lookup latest(Key key, @Nullable ContentBudget budget);

  /**
   * Reads what is committed under this key from the disk, and calls {@code then} on a thread of the
   * engine. {@code then} must return at once.
   *
   * @param budget as for {@link #committed}
   */
  void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then);

  /**
   * Whether the values of unsettled writes take as much memory as they may. No write is decided
   * until some are settled.
   */
  default boolean isBacklogged() {
    return false;
  }

  /**
   * Whether no write is to be decided until some of the submitted ones are settled.
   *
   * @param capacity the number of writes that may be unsettled
   */
  default boolean isBusy(int capacity) {
    return unsettled() >= capacity || isBacklogged();
  }

  /**
   * The room that the store has left for one more write, as a {@link dev.nebulastore.kv.Quota}: an
   * input of the decision on it. What was reserved is not in it.
   */
  long quota();

  /**
   * Reserves the room for a write that was decided with {@link #quota}, before it is submitted. All
   * shards share the room of a store, so another one may have taken it since; then the write is to
   * be decided again, with {@link dev.nebulastore.kv.Quota#NO_GROWTH}. What is granted counts until
   * the next batch is submitted.
   *
   * @param before what the change takes the place of
   * @param change the change to come
   * @return false if the room is gone; never for a change that needs no more room than before
   */
  boolean reserve(@Nullable Entry before, Change change);

  /**
   * Counts how often submitted batches were lost, or turned out to be committed after all. It is
   * read before the first look-up for a batch: if it has changed at the submission, the batch was
   * decided on a state that is not there any more, and is failed.
   */
  long lossEpoch();

  /** The number of writes that are submitted and not settled. */
  int unsettled();

  /**
   * Submits a batch, which takes effect as a whole or not at all, and returns at once. A batch that
   * was decided on top of a lost write fails, and did not take effect.
   *
   * @param lossEpoch the value of {@link #lossEpoch()} before the batch was decided
   * @throws FencedException if a later generation was opened; the batch was not accepted
   */
  void submit(long lossEpoch, Batch batch);

  /** A worker that was replaced, or a thread that its store was lent to, tried to write. */
  final class FencedException extends RuntimeException {
    private final int shard;

    /** Names the shard and both generations. */
    public FencedException(int shard, long generation, long current) {
      super(
          "Generation %d of shard %d is fenced by generation %d."
              .formatted(generation, shard, current));
      this.shard = shard;
    }

    /** The number of the shard. */
    public int shard() {
      return shard;
    }
  }
}
