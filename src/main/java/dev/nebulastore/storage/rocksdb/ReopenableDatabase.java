package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog;
import java.io.IOException;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * A database that can be closed and opened again while others use it. After a write or a sync has
 * failed, that is the only way to write again.
 *
 * <p>States: open ──{@link #reopen}──▶ open, or open for reading only, or closed, whichever is
 * possible; from any: ──{@link #close}──▶ closed.
 *
 * <p>Threads: safe for all. A caller holds the lock for reading while it uses the database, so that
 * nothing native is closed under it.
 */
final class ReopenableDatabase implements AutoCloseable {

  private final Setup setup;
  private final CommittedView view;
  private final StampedLock lock = new StampedLock();
  private final RangeCompaction compactions = new RangeCompaction();
  private volatile @Nullable String damage;

  // Null after a close, and if it could not be opened again.
  private @Nullable OpenDatabase open;

  /** Opens the database, or makes it. */
  ReopenableDatabase(Setup setup, CommittedView view) throws RocksDBException {
    this.setup = setup;
    this.view = view;
    this.open = OpenDatabase.open(setup, true);
  }

  /** What is done with the open database. */
  interface Use<T extends @Nullable Object> {
    T with(OpenDatabase open) throws RocksDBException;
  }

  /**
   * Does something with the open database, which is not closed meanwhile. Waits while it is being
   * opened again.
   */
  <T extends @Nullable Object> T use(Use<T> use) throws RocksDBException {
    long stamp = lock.readLock();
    try {
      OpenDatabase now = open;
      if (now == null) {
        throw new RocksDBException("the database is closed");
      }
      return use.with(now);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /**
   * Keeps the database from being closed until {@link #leave}. Never waits, and allocates nothing.
   *
   * @return for {@link #leave}; 0 if the database is being opened again, and must not be used
   */
  long tryEnter() {
    return lock.tryReadLock();
  }

  /** The open database, between {@link #tryEnter} and {@link #leave}; null if it is closed. */
  @Nullable OpenDatabase current() {
    return open;
  }

  /** Ends the use that began with {@link #tryEnter}. */
  void leave(long entered) {
    lock.unlockRead(entered);
  }

  /** Compactions of ranges, which end when the database is to be closed. */
  RangeCompaction compactions() {
    return compactions;
  }

  /** Whether it can be read, at least. */
  boolean isOpen() {
    long stamp = lock.readLock();
    try {
      return open != null;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /**
   * Disables compactions from the next {@link #reopen} on. After a compaction has met damage,
   * RocksDB refuses all writes; and opened again, it would try the same compaction at once.
   */
  void stopCompacting(String found) {
    damage = found;
  }

  /** The damage that a compaction has met; null if there is none. */
  @Nullable String damage() {
    return damage;
  }

  /**
   * Closes the database and opens it again. If that fails, it opens it for reading, if possible.
   */
  void reopen() throws RocksDBException {
    long stamp = lockAlone();
    try {
      closeOpen();
      try {
        dropTornEnd();
        open = OpenDatabase.open(setup, damage == null);
      } catch (RocksDBException | RuntimeException | Error e) {
        openForReading(e);
        throw e;
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Ends compactions, which may take minutes, and waits for all other users. */
  private long lockAlone() {
    compactions.stop();
    try {
      return lock.writeLock();
    } finally {
      compactions.allow();
    }
  }

  /** RocksDB might refuse it at each attempt. */
  private void dropTornEnd() throws RocksDBException {
    try {
      WriteAheadLog.dropTorn(WriteAheadLog.check(setup.folder()));
    } catch (IOException e) {
      throw new RocksDBException("the log can't be read: " + e.getMessage());
    }
  }

  private void openForReading(Throwable cause) {
    try {
      open = OpenDatabase.openReadOnly(setup);
    } catch (RocksDBException e) {
      cause.addSuppressed(e);
    }
  }

  /** Nobody uses it any more, also if closing fails halfway. */
  private void closeOpen() {
    OpenDatabase closing = open;
    open = null;
    try {
      view.drop();
    } finally {
      if (closing != null) {
        closing.close();
      }
    }
  }

  @Override
  public void close() {
    long stamp = lockAlone();
    try {
      closeOpen();
    } finally {
      lock.unlockWrite(stamp);
    }
  }
}
