package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that reserves disk space for the time when the disk is full. Deletes need space, too: for
 * the log, for opening the database again after a failed write, and for compacting what was
 * deleted. When a write fails because the disk is full, the file is truncated, which frees that
 * space. It is written again when there is room. An empty file tells the next process that the
 * reserve was spent.
 *
 * <p>The file has random bytes, since a file system that compresses would reserve nothing for
 * zeros.
 *
 * <p>States: absent ──{@link #fill}──▶ held ──{@link #spend}──▶ spent ──{@link #fill}──▶ held.
 *
 * <p>Threads: safe for all, except {@link #fill}, which only the reclaimer calls.
 */
public final class DiskReserve {

  private static final Logger log = LoggerFactory.getLogger(DiskReserve.class);

  /** The name of the file in the data directory. */
  public static final String NAME = "reserve";

  private static final int CHUNK = 1 << 20;
  private static final long NO_FILE = -1;

  private final Path file;
  private final long bytes;
  private volatile boolean held;
  private volatile boolean spent;

  DiskReserve(Path folder, long bytes) throws IOException {
    this.file = folder.resolve(NAME);
    this.bytes = bytes;
    long size = Files.exists(file) ? Files.size(file) : NO_FILE;
    if (size > 0 && size != bytes) {
      // Written with another memtable-size, or left incomplete by a crash.
      Files.delete(file);
    }
    this.held = size == bytes;
    this.spent = size == 0;
  }

  /** The size of the reserve. */
  long bytes() {
    return bytes;
  }

  boolean isHeld() {
    return held;
  }

  /** Whether the reserve was spent, and is not filled again yet. */
  boolean isSpent() {
    return spent;
  }

  /** Frees the space. If that fails, the next call tries again. */
  synchronized void spend() {
    if (!held) {
      return;
    }
    try {
      empty(file);
      held = false;
      spent = true;
    } catch (IOException e) {
      log.warn("The space of {} could not be released: {}", file, e.toString());
    }
  }

  /**
   * Frees the space of a directory that is not open yet.
   *
   * @return false if there is no reserve, or it was spent before
   */
  public static boolean spend(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    boolean held = Files.exists(file) && Files.size(file) > 0;
    if (held) {
      empty(file);
    }
    return held;
  }

  private static void empty(Path file) throws IOException {
    openEmpty(file).close();
  }

  /** Opens a file for writing, created or truncated. */
  static FileChannel openEmpty(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /**
   * Writes the file, unless it is there.
   *
   * @param stop asked regularly; if true, the file is abandoned
   */
  void fill(BooleanSupplier stop) throws IOException {
    if (held) {
      return;
    }
    boolean whole = false;
    try (FileChannel channel = openEmpty(file)) {
      whole = write(channel, stop);
    } finally {
      if (!whole && spent) {
        empty(file);
      } else if (!whole) {
        Files.deleteIfExists(file);
      }
    }
    synchronized (this) {
      held = whole;
      spent &= !whole;
    }
  }

  private boolean write(FileChannel channel, BooleanSupplier stop) throws IOException {
    byte[] chunk = new byte[CHUNK];
    SplittableRandom random = new SplittableRandom();
    for (long left = bytes; left > 0; ) {
      if (stop.getAsBoolean()) {
        return false;
      }
      random.nextBytes(chunk);
      left -= channel.write(ByteBuffer.wrap(chunk, 0, (int) Math.min(CHUNK, left)));
    }
    return true;
  }
}
