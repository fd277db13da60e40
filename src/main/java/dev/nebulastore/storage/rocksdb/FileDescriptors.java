package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether the process has enough file descriptors left.
 *
 * <p>Threads: immutable.
 */
final class FileDescriptors {

  /** What opening takes beside the tables and logs: the lock, the manifest, RocksDB's own log. */
  private static final int BESIDE = 16;

  private FileDescriptors() {}

  /**
   * Makes sure that a database can be opened anew: it needs a descriptor for each of its files, and
   * if it could not be opened, not even reads would go on.
   *
   * @throws IOException if there are too few
   */
  static void require(Path database) throws IOException {
    List<FileChannel> opened = new ArrayList<>();
    try (Stream<Path> files = Files.list(database)) {
      long needed = Math.min(files.count(), OpenDatabase.TABLES_OPEN) + BESIDE;
      while (opened.size() < needed) {
        opened.add(FileChannel.open(database.resolveSibling(FormatFile.NAME)));
      }
    } finally {
      for (FileChannel channel : opened) {
        channel.close();
      }
    }
  }
}
