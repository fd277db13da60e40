package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.WriteAheadLog.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
final class Opening {

  private static final Logger log = LoggerFactory.getLogger(Opening.class);

  /**
   * How far the revisions leap at least when the directory goes back behind what was acknowledged,
   * as a restored backup does: farther than anybody has written in between.
   */
  private static final long LEAP = 1L << 40;

  /** Revisions for a millisecond, so that who restores a backup twice begins apart. */
  private static final int MILLIS_SHIFT = 20;

  private Opening() {}

  /**
   * Opens the engine on a directory.
   *
   * @param now the time of the start
   * @throws StartRefused if it can't be opened
   */
  static RocksDbEngine open(Path home, RocksDbProperties properties, Instant now) {
    DataDirectory directory = DataDirectory.open(home);
    try {
      return open(directory, properties, now);
    } catch (IOException | RocksDBException e) {
      close(directory);
      throw new StartRefused(
          "The database in %s can't be opened: %s. Mend the disk, or start on a copy of a backup."
              .formatted(directory.database(), e.getMessage()),
          e);
    } catch (RuntimeException | Error e) {
      close(directory);
      throw e;
    }
  }

  private static RocksDbEngine open(
      DataDirectory directory, RocksDbProperties properties, Instant now)
      throws IOException, RocksDBException {
    NativeLibrary.load(directory.home().resolve("native"));
    boolean salvaging = examineLogs(directory, properties.salvage());
    Database database =
        new Database(
            new Setup(
                directory.database(),
                properties.cacheSize().toBytes(),
                properties.memtableSize().toBytes()));
    try {
      if (salvaging || directory.restored()) {
        leap(database, now);
        directory.settle();
      }
      warnOfWhatMayBeLost(properties);
      return new RocksDbEngine(directory, database, properties);
    } catch (IOException | RocksDBException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static void leap(Database database, Instant now) throws RocksDBException {
    long far = database.number(Group.REVISIONS) + LEAP;
    database.set(Group.REVISIONS, Math.max(far, now.toEpochMilli() << MILLIS_SHIFT));
  }

  /** Whether there is damage that is to be salvaged. */
  private static boolean examineLogs(DataDirectory directory, boolean salvage) throws IOException {
    WriteAheadLog.Report report = WriteAheadLog.check(directory.database());
    if (report.droppedBytes() > 0) {
      log.warn(
          "The last {} bytes of the log are a write that was never finished; they are dropped."
              + " No write that was acknowledged with sync=always is among them",
          report.droppedBytes());
    }
    WriteAheadLog.dropTorn(report);
    Optional<Damage> damage = report.damage();
    if (damage.isEmpty()) {
      if (salvage) {
        log.warn("There is nothing to salvage; remove nebula.storage.rocksdb.salvage");
      }
      return false;
    }
    String what =
        "%s at byte %d: %s"
            .formatted(damage.get().file(), damage.get().offset(), damage.get().what());
    if (!salvage) {
      throw new StartRefused(
          ("The log is damaged (%s), and acknowledged writes follow. Start on a copy of a backup,"
                  + " or set nebula.storage.rocksdb.salvage=true to drop what can't be read.")
              .formatted(what));
    }
    long lost = salvage(directory);
    log.error(
        "The log was damaged ({}); {} bytes of it were dropped, and the acknowledged writes in them"
            + " are lost",
        what,
        lost);
    return true;
  }

  /** Drops from the logs what can't be read, and keeps the logs as they were beside them. */
  private static long salvage(DataDirectory directory) throws IOException {
    Path kept = Files.createTempDirectory(directory.home(), "salvaged-");
    long lost = 0;
    try (var logs = Files.newDirectoryStream(directory.database(), "*.log")) {
      for (Path file : logs) {
        byte[] bytes = Files.readAllBytes(file);
        Files.copy(file, kept.resolve(file.getFileName()));
        lost += LogSalvage.cover(bytes);
        Files.write(file, bytes);
      }
    }
    log.warn("The logs as they were are kept in {}", kept);
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
