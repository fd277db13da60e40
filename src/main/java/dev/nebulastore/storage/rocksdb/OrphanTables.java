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
 * Table files that do not belong to the database, as they were being written when the process
 * ended. RocksDB removes them after it has been opened. But on a full disk they may take the space
 * that it needs to be opened.
 *
 * <p>Threads: immutable.
 */
final class OrphanTables {

  private OrphanTables() {}

  /**
   * Removes the orphaned tables of a database that is not open.
   *
   * @return the number of bytes that were freed
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
