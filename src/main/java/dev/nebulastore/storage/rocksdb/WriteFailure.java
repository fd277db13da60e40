package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.storage.StorageEngine.Condition;
import java.time.Duration;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Why the engine writes nothing at this time.
 *
 * @param cause for people
 * @param diskFull whether the disk had no room, rather than failed
 * @param unexpected whether it was neither, but an Error or a bug
 */
record WriteFailure(String cause, boolean diskFull, boolean unexpected) {

  static final WriteFailure CLOSED = new WriteFailure("it is closed", false, false);
  static final WriteFailure LOST = new WriteFailure("an earlier write was lost", false, false);
  static final WriteFailure ENDED = new WriteFailure("the writing thread has ended", false, true);

  /** For a failure that can't even be described, for want of memory. */
  private static final WriteFailure UNTOLD = new WriteFailure("an internal error", false, true);

  /** The reason that a Throwable gives. Never throws. */
  static WriteFailure of(Throwable e) {
    try {
      if (!(e instanceof RocksDBException failure)) {
        return new WriteFailure(e.toString(), false, true);
      }
      Status status = failure.getStatus();
      boolean full = status != null && status.getSubCode() == Status.SubCode.NoSpace;
      return new WriteFailure(String.valueOf(failure.getMessage()), full, false);
    } catch (Throwable again) {
      return UNTOLD;
    }
  }

  /** What a batch of this shard is answered with. */
  ShardFailure answer(int shard, Applied applied, Duration retryAfter) {
    return diskFull
        ? StoreFull.ofDisk(shard, applied, cause)
        : new StoreUnavailable(shard, applied, cause, retryAfter);
  }

  /** How the engine is meanwhile. */
  Condition condition() {
    return new Condition(diskFull ? Condition.State.FULL : Condition.State.READABLE, cause);
  }
}
