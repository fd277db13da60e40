package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.directory.DiskReserve;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the durable engine, or refuses the start with one line that says why.
 *
 * <p>Threads: immutable.
 */
final class EngineOpener {

  private static final Logger log = LoggerFactory.getLogger(EngineOpener.class);

  /**
   * How far the revisions leap at least when the directory may lack acknowledged writes, as a
   * restored backup does. It is more than can have been written in between.
   */
  private static final long LEAP = 1L << 40;

  /** Revisions for each millisecond, so that a backup that is restored later begins farther on. */
  private static final int MILLIS_SHIFT = 20;

  /**
   * The range of a random number that is added, so that two stores restored from one backup begin
   * apart, also at the same time or when the clock was set back. If each makes a billion changes,
   * the chance that they use the same revisions is one in a hundred thousand.
   */
  private static final long APART = 1L << 48;

  /** The first attempt to make room spends the reserve, the second one removes orphans. */
  private static final int ATTEMPTS = 3;

  private EngineOpener() {}

  /**
   * Opens the engine on a directory.
   *
   * @param now the time of the start
   * @throws StartRefused if it can't be opened
   */
  static RocksDbEngine open(Path home, RocksDbProperties properties, Instant now) {
    DataDirectory directory = DataDirectory.open(home);
    try {
      return openOnAnyDisk(directory, properties, now);
    } catch (IOException | RocksDBException e) {
      close(directory);
      throw new StartRefused(
          "The database in %s can't be opened: %s. %s"
              .formatted(
                  directory.database(),
                  e.getMessage(),
                  WriteFailure.isNoSpace(e)
                      ? "The disk is full: free some space."
                      : "Mend the disk, or start on a copy of a backup."),
          e);
    } catch (RuntimeException | Error e) {
      close(directory);
      throw e;
    }
  }

  /** On a full disk, makes room by the reserve and by orphaned tables, and tries again. */
  private static RocksDbEngine openOnAnyDisk(
      DataDirectory directory, RocksDbProperties properties, Instant now)
      throws IOException, RocksDBException {
    for (int attempt = 1; ; attempt++) {
      try {
        return open(directory, properties, now);
      } catch (IOException | RocksDBException e) {
        if (attempt == ATTEMPTS
            || !WriteFailure.isNoSpace(e)
            || !makeRoom(directory, properties, e)) {
          throw e;
        }
      }
    }
  }

  private static boolean makeRoom(
      DataDirectory directory, RocksDbProperties properties, Exception full) throws IOException {
    if (DiskReserve.spend(directory.home())) {
      log.warn("The disk is full; the start uses the reserved space: {}", full.getMessage());
      return true;
    }
    try {
      long removed = OrphanTables.remove(setup(directory, properties));
      log.warn("The disk is full; {} bytes of unfinished tables were removed", removed);
      return removed > 0;
    } catch (RocksDBException e) {
      full.addSuppressed(e);
      return false;
    }
  }

  private static Setup setup(DataDirectory directory, RocksDbProperties properties) {
    return new Setup(
        directory.database(),
        properties.cacheSize().toBytes(),
        properties.memtableSize().toBytes());
  }

  private static RocksDbEngine open(
      DataDirectory directory, RocksDbProperties properties, Instant now)
      throws IOException, RocksDBException {
    NativeLibrary.load(directory.home().resolve("native"));
    LogRepair logs = new LogRepair(directory, properties.salvage());
    Database database = logs.open(setup(directory, properties));
    try {
      if (directory.restored()) {
        leap(database, now);
        directory.settle();
      } else if (properties.salvage()) {
        log.warn("There is nothing to salvage; remove nebula.storage.rocksdb.salvage");
      }
      warnOfWhatMayBeLost(properties);
      return new RocksDbEngine(directory, database, properties);
    } catch (IOException | RocksDBException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static void leap(Database database, Instant now) throws RocksDBException {
    long far = database.number(Numbers.REVISIONS) + LEAP;
    long later = Math.max(far, now.toEpochMilli() << MILLIS_SHIFT);
    database.set(Numbers.REVISIONS, later + new SecureRandom().nextLong(APART));
  }

  private static void warnOfWhatMayBeLost(RocksDbProperties properties) {
    switch (properties.sync()) {
      case ALWAYS -> {}
      case INTERVAL ->
          log.warn(
              "nebula.storage.rocksdb.sync=interval: a power cut may lose the acknowledged writes"
                  + " of the last {} ms",
              properties.syncInterval().toMillis());
      case NEVER ->
          log.warn(
              "nebula.storage.rocksdb.sync=never: a power cut may lose acknowledged writes, as many"
                  + " as the system has not written yet");
    }
  }

  private static void close(DataDirectory directory) {
    try {
      directory.close();
    } catch (IOException e) {
      log.warn("The data directory could not be released", e);
    }
  }
}
