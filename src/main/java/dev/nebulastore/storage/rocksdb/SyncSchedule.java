package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;

/**
 * When writes that were not synced are to be synced.
 *
 * <p>Threads: confined to the committer's.
 */
final class SyncSchedule {

  private final Sync mode;
  private final long intervalNanos;
  private boolean unsynced;
  private long lastSync = System.nanoTime();

  SyncSchedule(RocksDbProperties properties) {
    this.mode = properties.sync();
    this.intervalNanos = properties.syncInterval().toNanos();
  }

  /** Whether each group is synced as it is written. */
  boolean isImmediate() {
    return mode == Sync.ALWAYS;
  }

  /** A group was written. */
  void written(boolean synced) {
    unsynced |= !synced;
  }

  /** All that was written is synced. */
  void synced() {
    unsynced = false;
    lastSync = System.nanoTime();
  }

  /** The database was opened again: what it holds is on disk. */
  void reopened() {
    unsynced = false;
  }

  /** Whether anything was written that was not synced. */
  boolean isUnsynced() {
    return unsynced;
  }

  /** Whether the interval has passed for what was not synced. */
  boolean isDue() {
    return isTimed() && System.nanoTime() - lastSync >= intervalNanos;
  }

  /**
   * How long to wait for the next sync, in nanoseconds.
   *
   * @param otherwise if none is to come by itself
   */
  long nanosUntilDue(long otherwise) {
    return isTimed() ? lastSync + intervalNanos - System.nanoTime() : otherwise;
  }

  private boolean isTimed() {
    return unsynced && mode == Sync.INTERVAL;
  }
}
