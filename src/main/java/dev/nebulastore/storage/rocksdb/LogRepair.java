package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.wal.LogTracking;
import dev.nebulastore.storage.rocksdb.wal.WalDamage;
import dev.nebulastore.storage.rocksdb.wal.WalSalvage;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a database whose log may be damaged. Damage refuses the start, unless the operator allowed
 * the loss of what can't be read ({@code nebula.storage.rocksdb.salvage}).
 *
 * <p>Threads: confined to the thread that opens the engine.
 */
final class LogRepair {

  private static final Logger log = LoggerFactory.getLogger(LogRepair.class);

  private final DataDirectory directory;
  private final boolean allowed;
  private boolean kept;

  /**
   * For one start.
   *
   * @param allowed whether acknowledged writes may be lost
   */
  LogRepair(DataDirectory directory, boolean allowed) {
    this.directory = directory;
    this.allowed = allowed;
  }

  /**
   * Checks the logs, salvages them if they are damaged, and opens the database.
   *
   * @throws StartRefused if they are damaged and no loss is allowed
   */
  Database open(Setup setup) throws IOException, RocksDBException {
    examineLogs();
    return openDatabase(setup);
  }

  /** Checks the logs before RocksDB does, and salvages them if they are damaged. */
  private void examineLogs() throws IOException {
    if (!directory.restored() && WriteAheadLog.isGone(directory.database())) {
      requireAllowed(directory.database() + " has no log file at all");
      directory.markRestored();
      log.error(
          "{} had no log file at all; the acknowledged writes that were not in tables are lost",
          directory.database());
      kept = true;
      return;
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
      salvage(damage.get());
    }
  }

  private void salvage(WalDamage damage) throws IOException {
    String what = "%s at byte %d: %s".formatted(damage.file(), damage.offset(), damage.what());
    requireAllowed(what);
    directory.markRestored();
    keepLogs();
    long lost = cover();
    log.error(
        "The log was damaged ({}); {} bytes of it were dropped, and the acknowledged writes in them"
            + " are lost",
        what,
        lost);
  }

  /** RocksDB itself finds files missing, or cut, that look whole in themselves. */
  private Database openDatabase(Setup setup) throws IOException, RocksDBException {
    try {
      return new Database(setup);
    } catch (RocksDBException e) {
      String what = LogTracking.refusal(e, setup.folder()).orElseThrow(() -> e);
      requireAllowed(what);
      directory.markRestored();
      if (!kept) {
        keepLogs();
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

  private void requireAllowed(String what) {
    if (!allowed) {
      throw new StartRefused(
          ("The log is damaged (%s), and acknowledged writes would be lost. Start on a copy of a"
                  + " backup, or set nebula.storage.rocksdb.salvage=true to drop what can't be"
                  + " read.")
              .formatted(what));
    }
  }

  /** Keeps a copy of the logs as they are, beside the database. */
  private void keepLogs() throws IOException {
    Path copies = Files.createTempDirectory(directory.home(), "salvaged-");
    try (var logs = Files.newDirectoryStream(directory.database(), "*.log")) {
      for (Path file : logs) {
        Files.copy(file, copies.resolve(file.getFileName()));
      }
    }
    kept = true;
    log.warn("The logs as they were are kept in {}", copies);
  }

  /** Drops from the logs what can't be read. */
  private long cover() throws IOException {
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
}
