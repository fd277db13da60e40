package dev.nebulastore.storage.rocksdb.directory;

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
public final class FileDescriptors {

  /**
   * What opening takes in addition to the tables and logs: the lock, the manifest, RocksDB's own
   * log.
   */
  private static final int BESIDE = 16;

  private FileDescriptors() {}

  /**
   * Makes sure that a database can be opened again. It needs a descriptor for each of its files; if
   * it could not be opened, even reads would stop.
   *
   * @param tables the number of table files that are kept open at most
   * @throws IOException if there are too few
   */
  public static void require(Path database, int tables) throws IOException {
    List<FileChannel> opened = new ArrayList<>();
    try (Stream<Path> files = Files.list(database)) {
      long needed = Math.min(files.count(), tables) + BESIDE;
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
