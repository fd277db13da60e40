package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The room on the disk, and what is kept of it for deletes and for RocksDB's own work.
 *
 * <p>Threads: {@link #look} and {@link #probe} are confined to the committer's; the rest is safe
 * for all.
 */
final class DiskSpace {

  private static final long NANOS_BETWEEN_LOOKS = 10_000_000;
  private static final int PROBE_BYTES = 1 << 20;

  private final Path folder;
  private final FileStore disk;
  private final long keptFree;
  private long lastLook;
  private volatile long free;

  DiskSpace(Path folder, long keptFree) throws IOException {
    this.folder = folder;
    this.disk = Files.getFileStore(folder);
    this.keptFree = keptFree;
    this.free = disk.getUsableSpace();
    this.lastLook = System.nanoTime();
  }

  /** Whether no more may be added. */
  boolean isLow() {
    return free < keptFree;
  }

  /** Measures anew, unless that was just done. */
  void look() {
    long now = System.nanoTime();
    if (now - lastLook < NANOS_BETWEEN_LOOKS) {
      return;
    }
    lastLook = now;
    try {
      free = disk.getUsableSpace();
    } catch (IOException e) {
      // A disk that can't tell is not therefore full; a write will find out.
      free = Long.MAX_VALUE;
    }
  }

  /** Finds out whether the disk takes a file and its sync. */
  void probe() throws IOException {
    Path file = folder.resolve("probe");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public String toString() {
    return "%d MB are free on the disk, less than nebula.storage.rocksdb.min-free-space (%d MB)"
        .formatted(free >> 20, keptFree >> 20);
  }
}
