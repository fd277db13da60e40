package dev.nebulastore.storage.rocksdb;

import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.RocksDBException;

/**
 * The engine's own numbers, as they were last written.
 *
 * <p>Threads: written by the committer, or its disk's thread while it waits for that; read by all.
 */
final class Numbers {

  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong revisions = new AtomicLong();
  private final AtomicLong time = new AtomicLong();

  /** As the database has them. */
  Numbers(Database database) throws RocksDBException {
    read(database);
  }

  /** Reads them anew; a bound of the revisions that was given out is never lowered. */
  void read(Database database) throws RocksDBException {
    entries.set(database.number(CommitGroup.ENTRIES));
    revisions.set(Math.max(revisions.get(), database.number(CommitGroup.REVISIONS)));
    time.set(Math.max(time.get(), database.number(CommitGroup.TIME)));
  }

  /** They were written. */
  void set(long entriesNow, long revisionsNow, long timeNow) {
    entries.set(entriesNow);
    revisions.set(revisionsNow);
    time.set(timeNow);
  }

  /** The number of entries. */
  long entries() {
    return entries.get();
  }

  /** No revision above it was ever given. */
  long revisions() {
    return revisions.get();
  }

  /** When the latest change was decided, in ms. */
  long time() {
    return time.get();
  }
}
