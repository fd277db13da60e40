package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * A database with faults to order, on the committer's thread.
 *
 * <p>Threads: safe for all.
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

  FaultyDatabase(Path folder) throws RocksDBException {
    super(new Setup(folder, 16 << 20, 4 << 20));
  }

  /** Holds the committer before its next write. */
  Hold holdBeforeWrite() {
    return holdAt(beforeWrite);
  }

  /** Holds the committer when its next group is written, before it is known to be safe. */
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

  /** Has the next group turn out not to be safe, after it was written. */
  void failNextSafety() {
    safetyFails = true;
  }

  /** Has the next write fail, before anything is written. */
  void failNextWrite(Status.SubCode how) {
    writeFails = how;
  }

  void failSyncs(boolean fail) {
    syncFails = fail;
  }

  void failReopening(boolean fail) {
    reopenFails = fail;
  }

  private static RocksDBException error(Status.SubCode how) {
    return new RocksDBException("broken", new Status(Status.Code.IOError, how, "broken"));
  }

  @Override
  void write(boolean sync, Group group, Filling numbers) throws RocksDBException {
    stayAt(beforeWrite);
    Status.SubCode how = writeFails;
    if (how != null) {
      writeFails = null;
      throw error(how);
    }
    super.write(sync, group, numbers);
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
  void sync() throws RocksDBException {
    if (syncFails) {
      throw error(Status.SubCode.None);
    }
    super.sync();
    syncs.incrementAndGet();
  }

  @Override
  void reopen() throws RocksDBException {
    if (reopenFails) {
      throw error(Status.SubCode.None);
    }
    super.reopen();
    reopened.incrementAndGet();
  }
}
