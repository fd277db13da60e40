package dev.nebulastore.storage;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the entries of all shards. The engine outlives the workers (invariant 4). All shards share
 * one set of entries, which does not depend on the number of shards.
 *
 * <p>Threads: safe for all.
 */
public interface StorageEngine extends AutoCloseable {

  /** The maximum number of entries that a {@link #scan} passes, expired ones included. */
  int MAX_PASSED = 2_000;

  /** The engine's name, as in {@code nebula.storage.engine}. */
  String name();

  /**
   * Opens the store of a shard for one generation of its worker, and fences every earlier
   * generation: when this returns, nothing more is accepted from them. Batches that were accepted
   * before are visible to {@link ShardStore#latest}, and are settled before those that the new
   * generation submits.
   *
   * @param generation greater than any that was opened for this shard
   * @throws IllegalArgumentException if it is not
   */
  ShardStore open(int shard, long generation);

  /**
   * Raises the revision of one shard to that of another, if it is less. This is done before keys of
   * the source move to the target, so that the versions of a key only grow. Both shards are open,
   * and the worker of the source is quiesced. The worker of the target may still submit what it has
   * decided on other keys, with lesser revisions. {@link ShardStore#latest} of the target sees what
   * the source has submitted.
   */
  void raise(int target, int source);

  /**
   * The revision of the last write that was submitted to a shard. Later writes of its keys have
   * greater ones, also after the keys have moved to another shard.
   */
  Revision revision(int shard);

  /**
   * Up to where the state of this engine is applied: the greatest revision of all writes that have
   * taken effect; {@link Revision#ZERO} if none has. It is kept together with them, so it is right
   * also after a crash and in a {@link Checkpoint}. A replica, whose engine has one shard, resumes
   * there: it has everything up to it, and nothing behind it.
   */
  Revision applied();

  /**
   * The latest time at which a stored change was decided; {@link Instant#EPOCH} if there is none.
   * Store time continues from there, so that nothing that has expired comes back when the clock was
   * set back between two starts.
   */
  Instant lastTime();

  /**
   * One shard's part of a commit that spans several.
   *
   * @param store of this engine
   * @param lossEpoch as for {@link ShardStore#submit}
   */
  record Part(ShardStore store, long lossEpoch, Batch batch) {}

  /**
   * Submits the batches of several shards, which take effect together or not at all, and returns at
   * once. If one was decided on top of a lost write, all of them fail and none took effect.
   *
   * @param parts in ascending order of their shards, one for each; called while none of their
   *     workers uses its store
   * @throws ShardStore.FencedException if a later generation of one of the shards was opened; no
   *     batch was accepted
   */
  void submit(List<Part> parts);

  /**
   * Entries that have expired, the oldest first.
   *
   * @param after the last one of the previous call, or null to begin
   * @param limit the number of entries at most
   */
  List<Expiry> expired(Instant now, @Nullable Expiry after, int limit);

  /**
   * Scans committed entries in the order of their keys' bytes, unsigned. Values are not read. A
   * scan sees each write that was committed before it began, and any of those that are committed
   * while it runs. An entry that exists all the time is found once, also when the scan is continued
   * at {@link ScanPage#rest}.
   *
   * <p>A scan is bounded: by its limit, by {@link #MAX_PASSED}, and by the bytes that it has to
   * read. So it may end early, and may find nothing.
   *
   * @param range the keys to scan
   * @param now entries that have expired by then are skipped
   * @param limit the number of entries at most
   */
  ScanPage scan(KeyRange range, Instant now, int limit);

  /**
   * A secret of 16 bytes that lives as long as the entries do. It seals what is handed to clients
   * and must come back unchanged. The array must not be modified.
   */
  byte[] secret();

  /** Whether a batch is settled when {@link ShardStore#submit} returns. */
  boolean settlesAtOnce();

  /** How much the engine holds. */
  Usage usage();

  /** Whether the engine accepts writes, and if not, why. */
  Condition condition();

  /** The number of reads that met damage since the start, plus one if a compaction met damage. */
  long corruptions();

  /**
   * Makes a consistent copy of the state at one moment, while writes continue. It holds all writes
   * that took effect before the call; of those that are in flight, any, but each commit whole or
   * not at all. It is on disk when this returns, and can be read by {@link #readCheckpoint}. {@link
   * Backups} are made of it, and a replica hands it to another one.
   *
   * @param folder is made; it must not exist, but its parent must
   * @throws IOException if the copy could not be made whole; what there is of it is of no use, and
   *     is refused when it is read
   */
  void checkpoint(Path folder) throws IOException;

  /**
   * Opens a checkpoint for reading, whichever engine of this kind made it. The state of this engine
   * is not changed.
   *
   * @throws CheckpointRefused if it is not whole
   */
  Checkpoint readCheckpoint(Path folder);

  /** The directory of the engine's files; empty if it has none. */
  default Optional<Path> directory() {
    return Optional.empty();
  }

  /** Releases what the engine holds. No store may be used any more. */
  @Override
  void close();

  /**
   * How much an engine holds.
   *
   * @param entries the exact number of entries, expired ones that were not swept yet included
   * @param bytes as the engine counts them, which its documentation explains
   * @param maxBytes the limit above which writes are refused; {@link Long#MAX_VALUE} for none
   */
  record Usage(long entries, long bytes, long maxBytes) {}

  /**
   * Whether an engine accepts writes.
   *
   * @param cause why it does not, or what is damaged, as a text for operators; else empty
   */
  record Condition(State state, String cause) {

    /** It accepts them. */
    public static final Condition WRITABLE = new Condition(State.WRITABLE, "");

    /** What an engine accepts. */
    public enum State {
      /** Everything. */
      WRITABLE,
      /** Everything; but some entries are damaged, and space is not reclaimed any more. */
      DAMAGED,
      /** Reads and deletes: it has no room. */
      FULL,
      /** Reads: its disk accepts no writes. */
      READABLE
    }

    /** Whether it accepts every write. */
    public boolean isWritable() {
      return state == State.WRITABLE || state == State.DAMAGED;
    }
  }
}
