package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.rocksdb.RocksDBException;

/**
 * Table files that are no part of the database: what was being written when the process ended.
 * RocksDB removes them when it has been opened; but on a full disk they may take just the space
 * that it needs to be opened.
 *
 * <p>Threads: immutable.
 */
final class OrphanTables {

  private OrphanTables() {}

  /**
   * Removes those of a database that nobody has open.
   *
   * @return how many bytes that were
   * @throws RocksDBException if the database can't be read; nothing was removed
   */
  static long remove(Setup setup) throws RocksDBException, IOException {
    Set<String> known;
    try (OpenDatabase open = OpenDatabase.openReadOnly(setup)) {
      known =
          open.db.getLiveFilesMetaData().stream()
              .map(file -> Path.of(file.fileName()).getFileName().toString())
              .collect(Collectors.toSet());
    }
    long bytes = 0;
    try (DirectoryStream<Path> tables = Files.newDirectoryStream(setup.folder(), "*.sst")) {
      for (Path table : tables) {
        if (!known.contains(table.getFileName().toString())) {
          bytes += Files.size(table);
          Files.delete(table);
        }
      }
    }
    return bytes;
  }
}
