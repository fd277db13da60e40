package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One shard's lane over the engine, for one generation of its worker. What was submitted belongs to
 * the engine: it is settled whatever becomes of the worker, and the successor goes on from there.
 *
 * <p>Threads: confined to that worker's thread (invariant 1), or while it is quiesced, to whom it
 * was lent. Nothing here waits for a disk.
 */
public interface ShardStore {

  /**
   * The revision of the last write that was submitted; later revisions of this shard are greater.
   */
  Revision revision();

  /**
   * What is committed under this key.
   *
   * @param budget pays for a large value before it is read; null if the value need not be read. An
   *     engine that has values in memory anyway may pass it over
   */
  Lookup committed(Key key, @Nullable ContentBudget budget);

  /**
   * What is committed under this key, or will be when all that was submitted is.
   *
   * @param budget as for {@link #committed}
   */
  Lookup latest(Key key, @Nullable ContentBudget budget);

  /**
   * Looks up what is committed under this key where that takes a disk, and tells it on a thread of
   * the engine. {@code then} must return at once.
   *
   * @param budget as for {@link #committed}
   */
  void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then);

  /**
   * Whether the values of what was submitted and is not settled take as much memory as they may: no
   * write is decided until some are.
   */
  default boolean isBacklogged() {
    return false;
  }

  /**
   * Whether no write is to be decided until some of what was submitted is settled.
   *
   * @param capacity how many writes may be unsettled
   */
  default boolean isBusy(int capacity) {
    return unsettled() >= capacity || isBacklogged();
  }

  /**
   * Asks for the room that one more write needs, before it is submitted. What is granted counts
   * until the next batch is.
   *
   * @param before what the change takes the place of
   * @param change the change to come
   * @return false if the store is full; a change that needs no more room than before is never
   *     refused
   */
  boolean reserve(@Nullable Entry before, Change change);

  /**
   * How often submitted batches were lost, or turned up after all. To be read before the first
   * look-up for a batch: what was decided before that must not be submitted.
   */
  long losses();

  /** The number of writes that were submitted and are not settled. */
  int unsettled();

  /**
   * Hands in a batch to take effect, all or nothing, and returns at once. A batch that was decided
   * on top of a lost one is failed, and did not take effect.
   *
   * @param losses what {@link #losses()} was before the batch was decided
   * @throws FencedException if a later generation was opened; the batch was not accepted
   */
  void submit(long losses, Batch batch);

  /** A worker that was replaced tried to write, or somebody to whom it had lent its store. */
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
