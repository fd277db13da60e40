package dev.nebulastore.storage;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Revision;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The state of an engine at one moment, open for reading. {@link StorageEngine#checkpoint} makes
 * one, {@link StorageEngine#readCheckpoint} opens it, also in another process.
 *
 * <p>It is what a replica hands to another one that has none of the state, or is too far behind;
 * and what the entries of one store are moved to another from.
 *
 * <p>Threads: confined to one at a time; the caller may have to wait for a disk.
 */
public interface Checkpoint extends AutoCloseable {

  /** Up to where it is applied: see {@link StorageEngine#applied}. */
  Revision applied();

  /** The latest time at which a change was decided: see {@link StorageEngine#lastTime}. */
  Instant lastTime();

  /** The number of entries, expired ones included. */
  long entries();

  /**
   * Reads all entries in the order of their keys' bytes, with values, revisions and expiries;
   * expired ones, too.
   *
   * @throws CheckpointRefused if an entry can't be read, or one is missing. What was read before is
   *     not to be used
   */
  void read(Consumer<Entry> to);

  @Override
  void close();
}
