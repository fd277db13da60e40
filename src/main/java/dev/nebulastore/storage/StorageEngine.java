package dev.nebulastore.storage;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the entries of all shards. The engine outlives the workers (invariant 4): the shards are
 * lanes over it, and what it holds does not depend on how many there are.
 *
 * <p>Threads: safe for all.
 */
public interface StorageEngine extends AutoCloseable {

  /** How many entries a {@link #scan} passes at most, expired ones included. */
  int MAX_PASSED = 2_000;

  /** The engine's name, as in {@code nebula.storage.engine}. */
  String name();

  /**
   * Opens the shard's store for one generation of its worker, and fences every earlier one: when
   * this returns, nothing more is accepted from them. What was accepted before is seen by {@link
   * ShardStore#latest}, and is settled ahead of what the new generation submits.
   *
   * @param generation greater than any that was opened for this shard
   */
  ShardStore open(int shard, long generation);

  /**
   * Raises the revision of one shard to that of another, if it is less: before keys of the source
   * become the target's, so that the versions of a key only grow. Both have been opened, and the
   * source's worker writes nothing meanwhile; the target's may still submit what it has decided on
   * other keys, with lesser revisions. What the source has submitted, the target sees by {@link
   * ShardStore#latest}.
   */
  void raise(int target, int source);

  /**
   * The revision of the last write that was submitted to a shard, for any thread: later writes of
   * its keys have greater ones, wherever these keys are moved.
   */
  Revision revision(int shard);

  /**
   * The latest time at which a change was decided that is kept; {@link Instant#EPOCH} if none is.
   * Store time goes on from there, so that a clock that was set back between two starts brings back
   * nothing that has expired.
   */
  Instant lastTime();

  /**
   * One shard's part of a commit that spans several.
   *
   * @param store of this engine
   * @param losses as for {@link ShardStore#submit}
   */
  record Part(ShardStore store, long losses, Batch batch) {}

  /**
   * Hands in the batches of several shards, which take effect together, all or nothing, and returns
   * at once. If one was decided on top of a lost one, all are failed and none took effect.
   *
   * @param parts in ascending order of their shards, one for each; called while none of their
   *     workers uses its store
   * @throws ShardStore.FencedException if a later generation of one was opened; none was accepted
   */
  void submit(List<Part> parts);

  /**
   * Entries whose time has come, the oldest first.
   *
   * @param after where the last call ended, or null to begin
   * @param limit how many at most
   */
  List<Expiry> expired(Instant now, @Nullable Expiry after, int limit);

  /**
   * Looks through committed entries in the order of their keys' bytes, unsigned; never at their
   * values. It sees each write that was committed before it began; of those that are committed
   * meanwhile, any. An entry that stands throughout is found once, also when the look goes on at
   * {@link ScanPage#rest}.
   *
   * <p>It is bounded: by what it may find, by {@link #MAX_PASSED}, and by the bytes that it has to
   * read on the way. So it may end early, and find nothing.
   *
   * @param range where to look
   * @param now entries that have expired by then are passed over
   * @param limit how many are found at most
   */
  ScanPage scan(KeyRange range, Instant now, int limit);

  /**
   * A secret of 16 bytes that lives as long as the entries do: for what is handed out and must come
   * back as it was. Nobody writes to it.
   */
  byte[] secret();

  /** Whether a batch is settled by the time it was submitted, so that nobody need sleep for it. */
  boolean settlesAtOnce();

  /** How much it holds. */
  Usage usage();

  /** Whether it takes writes, and if not, why. */
  Condition condition();

  /** How many look-ups have met damage since the start, and one more if the upkeep of files did. */
  long corruptions();

  /** The directory that it keeps its files in; empty if it has none. */
  default Optional<Path> directory() {
    return Optional.empty();
  }

  /** Releases what the engine holds; no store is used any more. */
  @Override
  void close();

  /**
   * How much an engine holds.
   *
   * @param entries all of them, expired ones that were not yet swept included; exact
   * @param bytes by the engine's own reckoning, which its documentation explains
   * @param maxBytes above which writes are refused; {@link Long#MAX_VALUE} for no bound of its own
   */
  record Usage(long entries, long bytes, long maxBytes) {}

  /**
   * Whether an engine takes writes.
   *
   * @param cause why not, or what is damaged, for people; else empty
   */
  record Condition(State state, String cause) {

    /** It takes them. */
    public static final Condition WRITABLE = new Condition(State.WRITABLE, "");

    /** What an engine takes. */
    public enum State {
      /** Everything. */
      WRITABLE,
      /** Everything; but some of what it holds is damaged, and space is no longer made free. */
      DAMAGED,
      /** Reads and deletes: it has no room. */
      FULL,
      /** Reads: its disk does not take writes. */
      READABLE
    }

    /** Whether it takes every write. */
    public boolean isWritable() {
      return state == State.WRITABLE || state == State.DAMAGED;
    }
  }
}
