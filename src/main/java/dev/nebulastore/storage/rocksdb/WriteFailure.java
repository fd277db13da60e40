package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.storage.StorageEngine.Condition;
import java.time.Duration;
import java.util.regex.Pattern;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Why the engine writes nothing at this time.
 *
 * @param cause for people
 */
record WriteFailure(Kind kind, String cause) {

  /** What has to happen before it is over. */
  enum Kind {
    /** The disk needs room. */
    DISK_FULL,
    /** The process, or the system, needs file descriptors. */
    TOO_MANY_OPEN_FILES,
    /** The database has to be opened so that it leaves a damaged table alone. */
    DAMAGED,
    /** The disk has to be mended, or the engine to be opened. */
    NOT_WRITABLE,
    /** Nothing: it was an Error or a bug. */
    UNEXPECTED
  }

  static final WriteFailure CLOSED = new WriteFailure(Kind.NOT_WRITABLE, "it is closed");
  static final WriteFailure LOST = new WriteFailure(Kind.NOT_WRITABLE, "an earlier write was lost");
  static final WriteFailure ENDED =
      new WriteFailure(Kind.UNEXPECTED, "the writing thread has ended");

  /** For a failure that can't even be described, for want of memory. */
  private static final WriteFailure UNTOLD = new WriteFailure(Kind.UNEXPECTED, "an internal error");

  /**
   * The words of the system for EMFILE and ENFILE: neither RocksDB's status nor Java's exceptions
   * tell them from other errors in another way.
   */
  private static final Pattern TOO_MANY_OPEN_FILES =
      Pattern.compile("too many open files", Pattern.CASE_INSENSITIVE);

  private static final Pattern NO_SPACE =
      Pattern.compile("no space left on device|disk quota exceeded", Pattern.CASE_INSENSITIVE);

  /** The reason that a Throwable gives. Never throws. */
  static WriteFailure of(Throwable e) {
    try {
      return e instanceof RocksDBException failure
          ? ofDatabase(failure)
          : new WriteFailure(Kind.UNEXPECTED, e.toString());
    } catch (Throwable again) {
      return UNTOLD;
    }
  }

  private static WriteFailure ofDatabase(RocksDBException failure) {
    String message = String.valueOf(failure.getMessage());
    if (TOO_MANY_OPEN_FILES.matcher(message).find()) {
      return new WriteFailure(
          Kind.TOO_MANY_OPEN_FILES,
          "the limit of open files is reached; raise it (ulimit -n), or lower"
              + " nebula.limits.connections: "
              + message);
    }
    if (isDamage(failure)) {
      return new WriteFailure(Kind.DAMAGED, message);
    }
    return new WriteFailure(isNoSpace(failure) ? Kind.DISK_FULL : Kind.NOT_WRITABLE, message);
  }

  /** As a failure that was for want of space, although RocksDB does not say so. */
  static RocksDBException noSpace(RocksDBException failure) {
    String message = "space can't be reclaimed: " + failure.getMessage();
    return new RocksDBException(
        message, new Status(Status.Code.IOError, Status.SubCode.NoSpace, message));
  }

  /** Whether bytes on the disk are not what was written. */
  static boolean isDamage(RocksDBException failure) {
    return failure.getStatus() != null && failure.getStatus().getCode() == Status.Code.Corruption;
  }

  /** Whether there was no space for what failed. */
  static boolean isNoSpace(Exception failure) {
    return (failure instanceof RocksDBException e
            && e.getStatus() != null
            && e.getStatus().getSubCode() == Status.SubCode.NoSpace)
        || NO_SPACE.matcher(String.valueOf(failure.getMessage())).find();
  }

  /** What a batch of this shard is answered with. */
  ShardFailure answer(int shard, Applied applied, Duration retryAfter) {
    return kind == Kind.DISK_FULL
        ? StoreFull.ofDisk(shard, applied, cause)
        : new StoreUnavailable(shard, applied, cause, retryAfter);
  }

  /** How the engine is meanwhile. */
  Condition condition() {
    return new Condition(
        kind == Kind.DISK_FULL ? Condition.State.FULL : Condition.State.READABLE, cause);
  }
}
