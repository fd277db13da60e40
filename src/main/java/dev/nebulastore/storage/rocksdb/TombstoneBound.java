package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.PerfContext;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;

/**
 * Bounds the number of deleted keys that one scan skips. RocksDB keeps the tombstone of a deleted
 * key until a compaction drops it, and an iterator skips all tombstones before it shows the next
 * entry: a million take 90 ms of CPU.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>{@code max_skippable_internal_keys} ends a single step of an iterator as {@code Incomplete}
 *       once it has skipped that many. The {@link PerfContext} of the thread counts what a scan has
 *       skipped in all its steps.
 *   <li>By its contract, an iterator that ended so has no position. In fact its key is the last one
 *       that it skipped. This is taken as a guess, which is then <b>verified</b>: a second iterator
 *       whose upper bound is behind that key must reach its end and find nothing. Only then does
 *       the scan end there. So a wrong guess can't hide an entry.
 *   <li>If there is no guess, or it is wrong, the step is repeated with a higher limit, and in the
 *       end without one: a scan always makes progress.
 * </ol>
 *
 * <p>Threads: confined to one thread.
 */
final class TombstoneBound {

  /** The number of deleted keys that a step, and all steps of a scan together, may skip. */
  static final int SKIPPED = 10_000;

  private static final long GROWTH = 16;

  /** The count is read once in so many entries, as that is a call into native code. */
  private static final int READING = 4;

  private final OpenDatabase open;
  private final ColumnFamilyHandle family;
  private final byte @Nullable [] to;
  private final PerfContext counters;
  private final long skippedBefore;
  private int passed;

  /**
   * Begins to count.
   *
   * @param to the end of the scan, exclusive; null for none
   */
  TombstoneBound(OpenDatabase open, ColumnFamilyHandle family, byte @Nullable [] to) {
    this.open = open;
    this.family = family;
    this.to = to;
    this.counters = open.db.getPerfContext();
    this.skippedBefore = skipped();
  }

  private long skipped() {
    return counters.getInternalDeleteSkippedCount() + counters.getInternalKeySkippedCount();
  }

  /** Whether the scan has skipped enough; called before each entry. */
  boolean isReached() {
    return passed++ % READING == READING - 1 && skipped() - skippedBefore >= SKIPPED;
  }

  /**
   * Where to continue when an iterator is not valid any more.
   *
   * @param from where its last step began: all before it is known
   * @return where there may be more entries; null if there are none, or {@code from} itself if the
   *     step must be repeated with a higher limit
   */
  byte @Nullable [] end(RocksIterator iterator, byte[] from) throws RocksDBException {
    try {
      iterator.status();
      return null;
    } catch (RocksDBException e) {
      if (e.getStatus() == null || e.getStatus().getCode() != Status.Code.Incomplete) {
        throw e;
      }
    }
    byte[] guess = iterator.key();
    if (guess == null
        || Arrays.compareUnsigned(guess, from) < 0
        || (to != null && Arrays.compareUnsigned(guess, to) >= 0)) {
      return from;
    }
    byte[] behind = Arrays.copyOf(guess, guess.length + 1);
    return nothingBetween(from, behind) ? behind : from;
  }

  private boolean nothingBetween(byte[] from, byte[] until) throws RocksDBException {
    try (Slice end = new Slice(until);
        ReadOptions options = options(2 * SKIPPED).setIterateUpperBound(end);
        RocksIterator iterator = open.db.newIterator(family, options)) {
      iterator.seek(from);
      if (iterator.isValid()) {
        return false;
      }
      iterator.status();
      return true;
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return false;
      }
      throw e;
    }
  }

  /** Options for an iterator whose steps skip no more than this; the caller closes them. */
  static ReadOptions options(long most) {
    return new ReadOptions().setMaxSkippableInternalKeys(most);
  }

  /** A higher limit for a step that made no progress; 0 for none. */
  static long more(long most) {
    return most >= GROWTH * GROWTH * SKIPPED ? 0 : most * GROWTH;
  }
}
