package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.time.Execution;

/**
 * When writes that were not synced are to be synced.
 *
 * <p>Threads: confined to the committer's.
 */
final class SyncSchedule {

  private final Sync mode;
  private final long intervalNanos;
  private final Execution execution;
  private boolean unsynced;
  private long lastSync;

  SyncSchedule(RocksDbProperties properties, Execution execution) {
    this.mode = properties.sync();
    this.intervalNanos = properties.syncInterval().toNanos();
    this.execution = execution;
    this.lastSync = execution.nanoTime();
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
    lastSync = execution.nanoTime();
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
    return isTimed() && execution.nanoTime() - lastSync >= intervalNanos;
  }

  /**
   * How long to wait for the next sync, in nanoseconds.
   *
   * @param otherwise if none is to come by itself
   */
  long nanosUntilDue(long otherwise) {
    return isTimed() ? lastSync + intervalNanos - execution.nanoTime() : otherwise;
  }

  private boolean isTimed() {
    return unsynced && mode == Sync.INTERVAL;
  }
}
