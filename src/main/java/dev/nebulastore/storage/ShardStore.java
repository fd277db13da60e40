package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One shard's lane over the engine, for one generation of its worker.
 *
 * <p>Threads: confined to that worker's thread (invariant 1), but for {@link #entries()}, which
 * anyone may read.
 */
public interface ShardStore {

  /** The revision of the last commit; later revisions of this shard are greater. */
  Revision revision();

  /** What is committed under this key, expired or not. */
  @Nullable Entry get(Key key);

  /**
   * Asks for the room that one more change needs, before it is committed. What is granted counts
   * until the next commit.
   *
   * @param before what the change takes the place of
   * @param change the change to come
   * @return false if the store is full; a change that needs no more room than before is never
   *     refused
   */
  boolean reserve(@Nullable Entry before, Change change);

  /**
   * Makes the changes take effect, all or none, and brings the shard to the last one's revision.
   * When it returns they are as safe as the engine promises.
   *
   * @param changes in the order of their revisions; at least one
   * @throws FencedException if a later generation was opened; nothing took effect
   */
  void commit(List<Change> changes);

  /** The number of entries in this lane, expired ones that were not yet swept included. */
  long entries();

  /** A worker that was replaced tried to commit. */
  final class FencedException extends RuntimeException {
    /** Names the shard and both generations. */
    public FencedException(int shard, long generation, long current) {
      super(
          "Generation %d of shard %d is fenced by generation %d."
              .formatted(generation, shard, current));
    }
  }
}
