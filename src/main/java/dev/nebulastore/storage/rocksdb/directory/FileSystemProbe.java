package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * Finds out whether the file system of a data directory still takes changes.
 *
 * <p>While a file system turns read-only after an error of its own, ext4 may report success for a
 * sync whose data it gave up. It does not turn back by itself. So if it takes a change after the
 * sync, the sync was a true one.
 *
 * <p>Threads: immutable.
 *
 * @param format the file {@code format} of the directory
 */
public record FileSystemProbe(Path format) {

  /** The probe for the directory that a database lies in. */
  public static FileSystemProbe beside(Path database) {
    return new FileSystemProbe(database.resolveSibling(FormatFile.NAME));
  }

  /**
   * Changes the file system twice. Between giving up its journal and refusing changes, ext4 writes
   * its superblock, and takes a first change without recording it; the second one waits until
   * changes are refused.
   *
   * @throws IOException if a change is refused
   */
  public void requireWritable() throws IOException {
    FileTime unchanged = Files.getLastModifiedTime(format);
    Files.setLastModifiedTime(format, unchanged);
    Files.setLastModifiedTime(format, unchanged);
  }
}
