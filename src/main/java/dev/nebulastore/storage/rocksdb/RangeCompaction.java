package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.RocksDBException;

/**
 * Compacts ranges of keys, and stops when the database is to be closed: a compaction may take
 * minutes, and closing a database waits for all of its users.
 *
 * <p>Threads: safe for all.
 */
final class RangeCompaction {

  private final Set<CompactRangeOptions> running = new HashSet<>();
  private int stops;

  /**
   * Compacts what lies between two keys, both included. Returns early when it is stopped.
   *
   * @param bytesPerSecond the bytes that are written in a second at most
   */
  void run(
      OpenDatabase open, ColumnFamilyHandle family, byte[] from, byte[] to, long bytesPerSecond)
      throws RocksDBException {
    // RocksDB excludes the end.
    byte[] end = Arrays.copyOf(to, to.length + 1);
    try (CompactRangeOptions options = new CompactRangeOptions()) {
      options.setExclusiveManualCompaction(false);
      if (!begin(options)) {
        return;
      }
      try {
        open.slowDownTo(bytesPerSecond);
        open.db.compactRange(family, from, end, options);
      } catch (RocksDBException e) {
        if (!options.canceled()) {
          throw e;
        }
      } finally {
        open.speedUp();
        end(options);
      }
    }
  }

  private synchronized boolean begin(CompactRangeOptions options) {
    return stops == 0 && running.add(options);
  }

  private synchronized void end(CompactRangeOptions options) {
    running.remove(options);
  }

  /** Cancels what runs, and lets nothing begin until {@link #allow}. */
  synchronized void stop() {
    stops++;
    running.forEach(options -> options.setCanceled(true));
  }

  synchronized void allow() {
    stops--;
  }
}
