package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the durable engine, or says in one line why not: what is damaged is refused, unless the
 * operator said that it may be lost.
 *
 * <p>Threads: immutable.
 */
final class EngineOpener {

  private static final Logger log = LoggerFactory.getLogger(EngineOpener.class);

  /**
   * How far the revisions leap at least when the directory goes back behind what was acknowledged,
   * as a restored backup does: farther than anybody has written in between.
   */
  private static final long LEAP = 1L << 40;

  /** Revisions for a millisecond, so that who restores a backup later begins farther on. */
  private static final int MILLIS_SHIFT = 20;

  /**
   * Who restores a backup twice begins apart, also at the same time or when the clock was set back.
   * The parts of this range that two stores then use are disjoint but for a chance of one in a
   * hundred thousand, if each makes a billion changes.
   */
  private static final long APART = 1L << 48;

  /** To give up the reserve is the first way to make room, to remove orphans the second. */
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

  /** On a full one with the space that was kept for that, and what nobody needs. */
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
      log.warn("The disk is full; the start goes on with what was reserved: {}", full.getMessage());
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
    boolean kept = examineLogs(directory, properties.salvage());
    Setup setup = setup(directory, properties);
    Database database = database(directory, setup, properties.salvage(), kept);
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
    long far = database.number(CommitGroup.REVISIONS) + LEAP;
    long later = Math.max(far, now.toEpochMilli() << MILLIS_SHIFT);
    database.set(CommitGroup.REVISIONS, later + new SecureRandom().nextLong(APART));
  }

  /**
   * Looks at the logs before RocksDB does, and salvages them if they are damaged; whether they
   * were, and are kept as they were.
   */
  private static boolean examineLogs(DataDirectory directory, boolean salvage) throws IOException {
    if (!directory.restored() && WriteAheadLog.isGone(directory.database())) {
      requireSalvage(salvage, directory.database() + " has no log file at all");
      directory.markRestored();
      log.error(
          "{} had no log file at all; the acknowledged writes that were not in tables are lost",
          directory.database());
      return true;
    }
    WriteAheadLog.Report report = WriteAheadLog.check(directory.database());
    if (report.droppedBytes() > 0) {
      log.warn(
          "The last {} bytes of the log are a write that was never finished; they are dropped."
              + " No write that was acknowledged with sync=always is among them",
          report.droppedBytes());
    }
    WriteAheadLog.dropTorn(report);
    Optional<WalDamage> damage = report.damage();
    if (damage.isPresent()) {
      salvage(directory, damage.get(), salvage);
    }
    return damage.isPresent();
  }

  private static void salvage(DataDirectory directory, WalDamage damage, boolean salvage)
      throws IOException {
    String what = "%s at byte %d: %s".formatted(damage.file(), damage.offset(), damage.what());
    requireSalvage(salvage, what);
    directory.markRestored();
    keepLogs(directory);
    long lost = cover(directory);
    log.error(
        "The log was damaged ({}); {} bytes of it were dropped, and the acknowledged writes in them"
            + " are lost",
        what,
        lost);
  }

  /** RocksDB itself finds files missing or cut that look whole in themselves. */
  private static Database database(
      DataDirectory directory, Setup setup, boolean salvage, boolean kept)
      throws IOException, RocksDBException {
    try {
      return new Database(setup);
    } catch (RocksDBException e) {
      String what = LogTracking.refusal(e, setup.folder()).orElseThrow(() -> e);
      requireSalvage(salvage, what);
      directory.markRestored();
      if (!kept) {
        keepLogs(directory);
      }
      List<String> gaps = WriteAheadLog.gaps(setup.folder());
      OpenDatabase.openUntracked(setup).close();
      log.error(
          "The log was damaged ({}); the acknowledged writes in what is missing are lost. {}",
          what,
          gaps.isEmpty() ? "How many can't be told" : "By the numbers of the rest: " + gaps);
      return new Database(setup);
    }
  }

  private static void requireSalvage(boolean salvage, String what) {
    if (!salvage) {
      throw new StartRefused(
          ("The log is damaged (%s), and acknowledged writes would be lost. Start on a copy of a"
                  + " backup, or set nebula.storage.rocksdb.salvage=true to drop what can't be"
                  + " read.")
              .formatted(what));
    }
  }

  /** Keeps the logs as they are beside the database. */
  private static void keepLogs(DataDirectory directory) throws IOException {
    Path kept = Files.createTempDirectory(directory.home(), "salvaged-");
    try (var logs = Files.newDirectoryStream(directory.database(), "*.log")) {
      for (Path file : logs) {
        Files.copy(file, kept.resolve(file.getFileName()));
      }
    }
    log.warn("The logs as they were are kept in {}", kept);
  }

  /** Drops from the logs what can't be read. */
  private static long cover(DataDirectory directory) throws IOException {
    long lost = 0;
    try (var logs = Files.newDirectoryStream(directory.database(), "*.log")) {
      for (Path file : logs) {
        byte[] bytes = Files.readAllBytes(file);
        lost += WalSalvage.cover(bytes);
        Files.write(file, bytes);
      }
    }
    return lost;
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
