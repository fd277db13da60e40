package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * A database with injected faults, on the committer's thread.
 *
 * <p>Threads: thread-safe.
 */
final class FaultyDatabase extends Database {

  static {
    TestLibrary.load();
  }

  final AtomicInteger writes = new AtomicInteger();
  final AtomicInteger syncs = new AtomicInteger();
  final AtomicInteger reopened = new AtomicInteger();
  private final AtomicReference<@Nullable Hold> beforeWrite = new AtomicReference<>();
  private final AtomicReference<@Nullable Hold> beforeSafe = new AtomicReference<>();
  private volatile boolean safetyFails;
  private volatile Status.@Nullable SubCode writeFails;
  private volatile boolean syncFails;
  private volatile boolean reopenFails;
  private final AtomicReference<@Nullable Thrown> beforeWriting = new AtomicReference<>();
  private final AtomicReference<@Nullable Thrown> afterWriting = new AtomicReference<>();
  private final AtomicReference<@Nullable Thrown> atSync = new AtomicReference<>();
  private final AtomicReference<@Nullable Thrown> atReopening = new AtomicReference<>();
  private volatile @Nullable Thrown atReading;

  FaultyDatabase(Path folder) throws RocksDBException {
    super(new Setup(folder, 16 << 20, 4 << 20));
  }

  /** Holds the committer before its next write. */
  Hold holdBeforeWrite() {
    return holdAt(beforeWrite);
  }

  /** Holds the committer after its next group is written, before it is known to be durable. */
  Hold holdBeforeSafe() {
    return holdAt(beforeSafe);
  }

  private static Hold holdAt(AtomicReference<@Nullable Hold> place) {
    Hold hold = new Hold();
    place.set(hold);
    return hold;
  }

  private static void stayAt(AtomicReference<@Nullable Hold> place) {
    Hold hold = place.getAndSet(null);
    if (hold != null) {
      hold.stay();
    }
  }

  /** Makes the next group fail to be durable, after it was written. */
  void failNextSafety() {
    safetyFails = true;
  }

  /** Makes the next write fail, before anything is written. */
  void failNextWrite(Status.SubCode how) {
    writeFails = how;
  }

  void failSyncs(boolean fail) {
    syncFails = fail;
  }

  void failReopening(boolean fail) {
    reopenFails = fail;
  }

  /** Throws this at the next write, before anything is written. */
  void throwBeforeWriting(Thrown what) {
    beforeWriting.set(what);
  }

  /** Throws this at the next write, after everything is written. */
  void throwAfterWriting(Thrown what) {
    afterWriting.set(what);
  }

  /** Throws this at the next separate sync. */
  void throwAtSync(Thrown what) {
    atSync.set(what);
  }

  /** Throws this at the next reopening. */
  void throwAtReopening(Thrown what) {
    atReopening.set(what);
  }

  /** Throws this at each read from disk, until it is set to null. */
  void throwAtReading(@Nullable Thrown what) {
    atReading = what;
  }

  private static void throwOnce(AtomicReference<@Nullable Thrown> place) {
    Thrown what = place.getAndSet(null);
    if (what != null) {
      what.now();
    }
  }

  private static RocksDBException error(Status.SubCode how) {
    return new RocksDBException("broken", new Status(Status.Code.IOError, how, "broken"));
  }

  @Override
  void write(boolean sync, CommitGroup group, Filling numbers) throws RocksDBException {
    stayAt(beforeWrite);
    Status.SubCode how = writeFails;
    if (how != null) {
      writeFails = null;
      throw error(how);
    }
    throwOnce(beforeWriting);
    super.write(sync, group, numbers);
    throwOnce(afterWriting);
    writes.incrementAndGet();
    if (sync) {
      syncs.incrementAndGet();
    }
  }

  @Override
  void requireWritable() throws RocksDBException {
    stayAt(beforeSafe);
    if (safetyFails) {
      safetyFails = false;
      throw error(Status.SubCode.None);
    }
    super.requireWritable();
  }

  @Override
  public void sync() throws RocksDBException {
    if (syncFails) {
      throw error(Status.SubCode.None);
    }
    throwOnce(atSync);
    super.sync();
    syncs.incrementAndGet();
  }

  @Override
  public void reopen() throws RocksDBException {
    if (reopenFails) {
      throw error(Status.SubCode.None);
    }
    throwOnce(atReopening);
    super.reopen();
    reopened.incrementAndGet();
  }

  private void throwIfReadingFails() {
    Thrown what = atReading;
    if (what != null) {
      what.now();
    }
  }

  @Override
  Lookup inMemory(Key key, RecordReader reader) throws RocksDBException {
    return atReading == null ? super.inMemory(key, reader) : Lookup.OnDisk.INSTANCE;
  }

  @Override
  Lookup get(Key key, RecordReader reader) throws RocksDBException {
    throwIfReadingFails();
    return super.get(key, reader);
  }

  @Override
  ScanPage scan(Scan scan) throws RocksDBException {
    throwIfReadingFails();
    return super.scan(scan);
  }

  @Override
  ExpiryScan.Due expiries(ExpiryScan scan) throws RocksDBException {
    throwIfReadingFails();
    return super.expiries(scan);
  }
}
