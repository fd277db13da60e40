package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StorageEngine;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The engine's own numbers, as they were last written.
 *
 * <p>Threads: written by the committer, or by its disk thread while it waits for that; read by all.
 */
final class Numbers {

  /**
   * Two numbers that are written with every group: the number of entries, exact, and the greatest
   * revision that was written, see {@link StorageEngine#applied}. In a database of an earlier
   * version the second is absent until its first write.
   */
  static final byte[] ENTRIES = name("entries");

  /**
   * An upper bound of all revisions that were ever given. It is raised in steps, with the group
   * that passes it, and synced whatever is set: so it is above all that was written before a power
   * cut, too.
   */
  static final byte[] REVISIONS = name("revisions");

  /**
   * The latest time at which a change was decided, written with the group of the change: see {@link
   * StorageEngine#lastTime}.
   */
  static final byte[] TIME = name("time");

  /** The place of the greatest revision that was written, in the numbers of {@link #ENTRIES}. */
  static final int APPLIED = 1;

  /** How far ahead the bound of the revisions is written. */
  private static final long REVISIONS_AHEAD = 1 << 20;

  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong revisions = new AtomicLong();
  private final AtomicLong time = new AtomicLong();
  private final AtomicLong applied = new AtomicLong();

  /** Where the numbers are stored. */
  interface Source {
    /**
     * One of the engine's own numbers; 0 if it was never written.
     *
     * @param index which of the numbers of this name, from 0
     */
    long number(byte[] name, int index) throws RocksDBException;
  }

  /** Reads the numbers of a database. */
  Numbers(Source stored) throws RocksDBException {
    read(stored);
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The numbers to be written with a group. */
  record Update(
      long entries,
      long applied,
      long revisions,
      boolean raisesRevisions,
      long time,
      boolean later) {

    void fill(WriteBatch batch, OpenDatabase open) throws RocksDBException {
      batch.put(open.numbers, ENTRIES, EntryCodec.encode(entries, applied));
      if (later) {
        batch.put(open.numbers, TIME, EntryCodec.encode(time));
      }
      if (raisesRevisions) {
        batch.put(open.numbers, REVISIONS, EntryCodec.encode(revisions));
      }
    }
  }

  /** What the numbers are after this group. */
  Update after(CommitGroup group) {
    boolean raises = group.lastRevision() > revisions();
    long last = Math.max(time(), group.lastTime());
    return new Update(
        entries() + group.growth(),
        Math.max(applied(), group.lastRevision()),
        raises ? group.lastRevision() + REVISIONS_AHEAD : revisions(),
        raises,
        last,
        last > time());
  }

  /** The numbers as they are, to be written once more. */
  Update unchanged() {
    return new Update(entries(), applied(), revisions(), false, time(), false);
  }

  /** The update was written. */
  void set(Update written) {
    entries.set(written.entries());
    revisions.set(written.revisions());
    time.set(written.time());
    applied.set(written.applied());
  }

  /** Reads the numbers again; a bound of the revisions that was given out is never lowered. */
  void read(Source stored) throws RocksDBException {
    entries.set(stored.number(ENTRIES, 0));
    revisions.set(Math.max(revisions.get(), stored.number(REVISIONS, 0)));
    time.set(Math.max(time.get(), stored.number(TIME, 0)));
    applied.set(stored.number(ENTRIES, APPLIED));
  }

  /** The number of entries. */
  long entries() {
    return entries.get();
  }

  /** An upper bound of all revisions that were ever given. */
  long revisions() {
    return revisions.get();
  }

  /** The greatest revision that was written. */
  long applied() {
    return applied.get();
  }

  /** When the latest change was decided, in milliseconds since the epoch. */
  long time() {
    return time.get();
  }
}
