package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/**
 * The database, which can be opened anew while others use it: after a write or a sync has failed
 * that is the only way to write again.
 *
 * <p>Not final, so that tests can have it fail.
 *
 * <p>Threads: safe for all. Whoever is inside holds the lock for reading, so that nothing native is
 * closed under anyone; all but {@link #inMemory} may wait for the disk, and are called on platform
 * threads.
 */
class Database implements AutoCloseable {

  private static final Status READ_ONLY =
      new Status(Status.Code.IOError, Status.SubCode.None, "read-only");

  /** Nothing expires later. */
  private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** No group: nothing is ever added to it. */
  private static final CommitGroup NOTHING = new CommitGroup();

  private final Setup setup;
  private final StampedLock lock = new StampedLock();
  private final RangeCompaction compactions = new RangeCompaction();
  private volatile long lastBytes;
  private volatile @Nullable String damage;

  // The group that is being written, which RocksDB may show before it is safe. One that failed
  // stays
  // until the database is opened anew, which is when it is known what became of it.
  private volatile CommitGroup inHand = NOTHING;

  // Null after a close, and if it could not be opened anew.
  private @Nullable OpenDatabase open;

  Database(Setup setup) throws RocksDBException {
    this.setup = setup;
    this.open = OpenDatabase.open(setup, true);
  }

  /** What is done with the open database. */
  interface Use<T extends @Nullable Object> {
    T with(OpenDatabase open) throws RocksDBException;
  }

  /** Does something with the open database, which is not closed meanwhile. */
  final <T extends @Nullable Object> T use(Use<T> use) throws RocksDBException {
    long stamp = lock.readLock();
    try {
      if (open == null) {
        throw new RocksDBException("the database is closed");
      }
      return use.with(open);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** What is committed under a key, if memory knows. */
  Lookup inMemory(Key key, RecordReader reader) throws RocksDBException {
    long stamp = lock.tryReadLock();
    if (stamp == 0) {
      return Lookup.OnDisk.INSTANCE;
    }
    try {
      return open == null ? Lookup.OnDisk.INSTANCE : committed(open, open.inMemory, key, reader);
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return Lookup.OnDisk.INSTANCE;
      }
      throw e;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** What is committed under a key. */
  Lookup get(Key key, RecordReader reader) throws RocksDBException {
    return use(open -> committed(open, open.anywhere, key, reader));
  }

  /**
   * First RocksDB, then the group in flight: what RocksDB showed too early is in flight, or safe by
   * then. A key that is in flight to begin with is looked up as it was before, lest a large value
   * be read twice.
   */
  private Lookup committed(OpenDatabase open, ReadOptions where, Key key, RecordReader reader)
      throws RocksDBException {
    while (true) {
      CommitGroup group = inHand;
      if (group.before().containsKey(key)) {
        Lookup before = group.before(where, key, reader);
        if (before != null) {
          return before;
        }
      } else {
        Lookup found = reader.find(open, where, key);
        if (!inHand.before().containsKey(key)) {
          return found;
        }
      }
    }
  }

  /** One of the engine's own numbers; 0 if it was never written. */
  long number(byte[] name) throws RocksDBException {
    byte[] bytes = use(open -> open.db.get(open.numbers, open.anywhere, name));
    return bytes == null ? 0 : EntryCodec.decodeNumber(bytes);
  }

  /** Sets one of the engine's own numbers, safely. */
  void set(byte[] name, long number) throws RocksDBException {
    write(true, (batch, open) -> batch.put(open.numbers, name, EntryCodec.encode(number)));
  }

  /** Writes some of the engine's own numbers, all or nothing. */
  final void write(boolean sync, Filling numbers) throws RocksDBException {
    write(sync, NOTHING, numbers);
  }

  /** Writes a group and some numbers, all or nothing. If it fails, nothing of it is shown. */
  void write(boolean sync, CommitGroup group, Filling numbers) throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      try (WriteBatch batch = new WriteBatch()) {
        group.fill(batch, open);
        numbers.fill(batch, open);
        group.keepPast(open);
        inHand = group;
        open.db.write(sync ? open.synced : open.unsynced, batch);
        if (sync) {
          requireWritable();
        }
        inHand = NOTHING;
        group.dropPast();
      }
      return null;
    });
  }

  /** Puts into a batch what is to be written. */
  interface Filling {
    void fill(WriteBatch batch, OpenDatabase open) throws RocksDBException;
  }

  /** Makes safe what was written without sync. */
  void sync() throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      open.db.syncWal();
      requireWritable();
      return null;
    });
  }

  /**
   * By who has synced: makes sure that the sync did something. While a file system turns read-only
   * after an error of its own, ext4 may say yes to a sync whose data it gave up. It does not turn
   * back by itself, so if it takes changes now, the sync was a true one.
   *
   * <p>Two changes: between giving up its journal and refusing changes it writes its superblock,
   * and takes a first change without recording it. But that one waits until changes are refused.
   */
  void requireWritable() throws RocksDBException {
    Path format = setup.folder().resolveSibling(FormatFile.NAME);
    try {
      FileTime unchanged = Files.getLastModifiedTime(format);
      Files.setLastModifiedTime(format, unchanged);
      Files.setLastModifiedTime(format, unchanged);
    } catch (IOException e) {
      throw new RocksDBException(
          "after a sync the file system takes no change: " + e.getMessage(), READ_ONLY);
    }
  }

  /**
   * Some of the expiries.
   *
   * @param rest where to go on if the look ended early, at deleted ones; null if it did not
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Due(List<Expiry> found, byte @Nullable [] rest) {}

  /** Expiries from here up to and including an instant, in order; one bounded look. */
  Due expiries(byte[] from, Instant until, int limit) throws RocksDBException {
    return use(open -> {
      for (long leave = TombstoneBound.SKIPPED; ; leave = TombstoneBound.more(leave)) {
        Due due = expiries(open, from, until, limit, leave);
        byte[] rest = due.rest();
        if (rest == null || !due.found().isEmpty() || !Arrays.equals(rest, from)) {
          return due;
        }
      }
    });
  }

  private static Due expiries(OpenDatabase open, byte[] from, Instant until, int limit, long leave)
      throws RocksDBException {
    List<Expiry> found = new ArrayList<>();
    byte[] to = until.isBefore(LAST) ? EntryCodec.encode(until.plusMillis(1)) : null;
    TombstoneBound bound = new TombstoneBound(open, open.expiries, to);
    try (Slice end = to == null ? null : new Slice(to);
        ReadOptions options = TombstoneBound.options(leave);
        RocksIterator iterator =
            open.db.newIterator(
                open.expiries, end == null ? options : options.setIterateUpperBound(end))) {
      for (iterator.seek(from); iterator.isValid(); iterator.next()) {
        if (found.size() == limit || bound.isReached()) {
          return new Due(found, found.size() == limit ? null : iterator.key());
        }
        found.add(EntryCodec.decodeExpiry(iterator.key()));
      }
      return new Due(
          found,
          bound.end(iterator, found.isEmpty() ? from : EntryCodec.encodeAfter(found.getLast())));
    }
  }

  /** What a look through the entries finds. */
  ScanPage scan(Scan scan) throws RocksDBException {
    return use(open -> scan.through(open, () -> inHand));
  }

  /**
   * The bytes of tables and of what is not in a table yet; what was last told, while the database
   * is opened anew. Does not wait for the disk.
   */
  long bytes() {
    long stamp = lock.tryReadLock();
    if (stamp == 0) {
      return lastBytes;
    }
    try {
      if (open != null) {
        lastBytes =
            open.db.getAggregatedLongProperty("rocksdb.total-sst-files-size")
                + open.db.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables");
      }
    } catch (RocksDBException e) {
      // As before.
    } finally {
      lock.unlockRead(stamp);
    }
    return lastBytes;
  }

  /** The bytes of the logs, and of what is set aside for them. */
  long logBytes() {
    try (Stream<Path> files = Files.list(setup.folder())) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  /** What runs in here while the database is open, and ends when it is to be closed. */
  RangeCompaction compactions() {
    return compactions;
  }

  /** Makes sure that there are enough descriptors to open the database anew. */
  void requireDescriptors() throws IOException {
    FileDescriptors.require(setup.folder());
  }

  /** Makes a consistent copy in a folder that must not exist. */
  void checkpoint(Path folder) throws RocksDBException {
    this.<@Nullable Void>use(open -> {
      try (Checkpoint checkpoint = Checkpoint.create(open.db)) {
        checkpoint.createCheckpoint(folder.toString());
      }
      return null;
    });
  }

  /**
   * Has the database compact nothing from when it is next opened anew: RocksDB refuses all writes
   * after a compaction has met damage, and would try that compaction again at once.
   */
  void leaveTablesAlone(String found) {
    damage = found;
  }

  /** What a compaction has met; null if none has met damage. */
  @Nullable String damage() {
    return damage;
  }

  /**
   * Closes the database and opens it anew. If that fails it is open for reading, if that is
   * possible.
   */
  void reopen() throws RocksDBException {
    long stamp = lockAlone();
    try {
      closeOpen();
      try {
        dropTorn();
        open = OpenDatabase.open(setup, damage == null);
      } catch (RocksDBException | RuntimeException | Error e) {
        openForReading(e);
        throw e;
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Gets rid of those who stay inside for long, and waits for the others. */
  private long lockAlone() {
    compactions.stop();
    try {
      return lock.writeLock();
    } finally {
      compactions.allow();
    }
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

  /** RocksDB might refuse it at each attempt. */
  private void dropTorn() throws RocksDBException {
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

  /** Nobody uses it any more, also if closing fails half-way. */
  private void closeOpen() {
    OpenDatabase closing = open;
    CommitGroup lost = inHand;
    open = null;
    inHand = NOTHING;
    try {
      lost.dropPast();
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
