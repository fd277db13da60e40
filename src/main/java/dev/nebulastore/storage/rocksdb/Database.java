package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.ReopenableDatabase.Use;
import dev.nebulastore.storage.rocksdb.directory.FileDescriptors;
import dev.nebulastore.storage.rocksdb.directory.FileSystemProbe;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/**
 * The database of an engine: what is read from it and written to it. Reads go through a {@link
 * CommittedView}, writes are checked by a {@link FileSystemProbe}, and a {@link ReopenableDatabase}
 * opens it again after a failure.
 *
 * <p>Not final, so that tests can make it fail.
 *
 * <p>Threads: safe for all. All but {@link #inMemory} and {@link #bytes} may wait for the disk, and
 * are called on platform threads.
 */
class Database implements CommitTarget, AutoCloseable {

  private static final Status READ_ONLY =
      new Status(Status.Code.IOError, Status.SubCode.None, "read-only");

  /** The group of a batch that holds nothing but numbers. */
  private static final CommitGroup NO_ENTRIES = new CommitGroup();

  private final Path folder;
  private final CommittedView view = new CommittedView();
  private final ReopenableDatabase database;
  private final FileSystemProbe fileSystem;
  private volatile long lastBytes;

  Database(Setup setup) throws RocksDBException {
    this.folder = setup.folder();
    this.database = new ReopenableDatabase(setup, view);
    this.fileSystem = FileSystemProbe.beside(setup.folder());
  }

  /** Does something with the open database, which is not closed meanwhile. */
  final <T extends @Nullable Object> T use(Use<T> use) throws RocksDBException {
    return database.use(use);
  }

  /** What is committed under a key, if that is known without reading from the disk. */
  Lookup inMemory(Key key, RecordReader reader) throws RocksDBException {
    long entered = database.tryEnter();
    if (entered == 0) {
      return Lookup.OnDisk.INSTANCE;
    }
    try {
      OpenDatabase open = database.current();
      return open == null ? Lookup.OnDisk.INSTANCE : view.find(open, open.inMemory, key, reader);
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return Lookup.OnDisk.INSTANCE;
      }
      throw e;
    } finally {
      database.leave(entered);
    }
  }

  /** What is committed under a key. */
  Lookup get(Key key, RecordReader reader) throws RocksDBException {
    return use(open -> view.find(open, open.anywhere, key, reader));
  }

  /** What a scan of the committed entries finds. */
  ScanPage scan(Scan scan) throws RocksDBException {
    return use(open -> view.scan(open, scan));
  }

  /** What a scan of the expiries finds. */
  ExpiryScan.Due expiries(ExpiryScan scan) throws RocksDBException {
    return use(scan::through);
  }

  /** One of the engine's own numbers; 0 if it was never written. */
  long number(byte[] name) throws RocksDBException {
    return number(name, 0);
  }

  @Override
  public final long number(byte[] name, int index) throws RocksDBException {
    return use(open -> open.number(name, index));
  }

  /** Writes one of the engine's own numbers, with a sync. */
  void set(byte[] name, long number) throws RocksDBException {
    write(true, (batch, open) -> batch.put(open.numbers, name, EntryCodec.encode(number)));
  }

  /** Puts into a batch what is to be written. */
  interface Filling {
    void fill(WriteBatch batch, OpenDatabase open) throws RocksDBException;
  }

  /** Writes some of the engine's own numbers, all or nothing. */
  final void write(boolean sync, Filling numbers) throws RocksDBException {
    write(sync, NO_ENTRIES, numbers);
  }

  @Override
  public final void commit(boolean sync, CommitGroup group, Numbers.Update numbers)
      throws RocksDBException {
    write(sync, group, numbers::fill);
  }

  /** Writes a group and some numbers: see {@link #commit}. */
  void write(boolean sync, CommitGroup group, Filling numbers) throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      try (WriteBatch batch = new WriteBatch()) {
        group.fill(batch, open);
        numbers.fill(batch, open);
        view.begin(open, group);
        open.db.write(sync ? open.synced : open.unsynced, batch);
        if (sync) {
          requireWritable();
        }
        view.commit(group);
      }
      return null;
    });
  }

  @Override
  public void sync() throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      open.db.syncWal();
      requireWritable();
      return null;
    });
  }

  /** Called after each sync: makes sure that the sync has reached the disk. */
  void requireWritable() throws RocksDBException {
    try {
      fileSystem.requireWritable();
    } catch (IOException e) {
      throw new RocksDBException(
          "after a sync the file system takes no change: " + e.getMessage(), READ_ONLY);
    }
  }

  /**
   * The bytes of tables, and of what is not in a table yet. While the database is being opened
   * again, the last known number. Does not wait for the disk.
   */
  long bytes() {
    long entered = database.tryEnter();
    if (entered == 0) {
      return lastBytes;
    }
    try {
      OpenDatabase open = database.current();
      if (open != null) {
        lastBytes =
            open.db.getAggregatedLongProperty("rocksdb.total-sst-files-size")
                + open.db.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables");
      }
    } catch (RocksDBException e) {
      // The last known number holds.
    } finally {
      database.leave(entered);
    }
    return lastBytes;
  }

  /** The bytes of the logs, and of the space that is preallocated for them. */
  long logBytes() {
    return WriteAheadLog.bytes(folder);
  }

  /** Compactions of ranges, which end when the database is to be closed. */
  RangeCompaction compactions() {
    return database.compactions();
  }

  /** Makes a consistent copy in a folder that must not exist. */
  void checkpoint(Path copy) throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      try (Checkpoint checkpoint = Checkpoint.create(open.db)) {
        checkpoint.createCheckpoint(copy.toString());
      }
      return null;
    });
  }

  @Override
  public void requireDescriptors() throws IOException {
    FileDescriptors.require(folder, OpenDatabase.TABLES_OPEN);
  }

  @Override
  public void stopCompacting(String damage) {
    database.stopCompacting(damage);
  }

  @Override
  public @Nullable String damage() {
    return database.damage();
  }

  @Override
  public void reopen() throws RocksDBException {
    database.reopen();
  }

  @Override
  public boolean isOpen() {
    return database.isOpen();
  }

  @Override
  public void close() {
    database.close();
  }
}
