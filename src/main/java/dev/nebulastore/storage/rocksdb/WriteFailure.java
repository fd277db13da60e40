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
 * @param cause a text for operators
 */
record WriteFailure(Kind kind, String cause) {

  /** What has to happen before writes succeed again. */
  enum Kind {
    /** Disk space has to be freed. */
    DISK_FULL,
    /** File descriptors have to be freed, in the process or in the system. */
    TOO_MANY_OPEN_FILES,
    /** The database has to be opened without compactions, which meet a damaged table. */
    DAMAGED,
    /** The disk has to work again, or the engine to be opened. */
    NOT_WRITABLE,
    /** Nothing: it was an Error or a bug. */
    UNEXPECTED
  }

  /** What clients are told of an Error: its class and message are for operators. */
  static final String OF_SERVER = "an error of the server, which its log describes";

  static final WriteFailure CLOSED = new WriteFailure(Kind.NOT_WRITABLE, "it is closed");
  static final WriteFailure LOST = new WriteFailure(Kind.NOT_WRITABLE, "an earlier write was lost");
  static final WriteFailure ENDED =
      new WriteFailure(Kind.UNEXPECTED, "the writing thread has ended");

  /** For a failure that can't even be described, for want of memory. */
  private static final WriteFailure UNTOLD = new WriteFailure(Kind.UNEXPECTED, "an internal error");

  /**
   * The messages of the system for EMFILE and ENFILE: neither RocksDB's status nor Java's
   * exceptions distinguish these errors in another way.
   */
  private static final Pattern TOO_MANY_OPEN_FILES =
      Pattern.compile("too many open files", Pattern.CASE_INSENSITIVE);

  private static final Pattern NO_SPACE =
      Pattern.compile("no space left on device|disk quota exceeded", Pattern.CASE_INSENSITIVE);

  /** The failure that a Throwable means. Never throws. */
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

  /** The same failure as one for want of space, which RocksDB does not report as such. */
  static RocksDBException noSpace(RocksDBException failure) {
    String message = "space can't be reclaimed: " + failure.getMessage();
    return new RocksDBException(
        message, new Status(Status.Code.IOError, Status.SubCode.NoSpace, message));
  }

  /** Whether the bytes on the disk are not those that were written. */
  static boolean isDamage(RocksDBException failure) {
    return failure.getStatus() != null && failure.getStatus().getCode() == Status.Code.Corruption;
  }

  /** Whether it failed for want of disk space. */
  static boolean isNoSpace(Exception failure) {
    return (failure instanceof RocksDBException e
            && e.getStatus() != null
            && e.getStatus().getSubCode() == Status.SubCode.NoSpace)
        || NO_SPACE.matcher(String.valueOf(failure.getMessage())).find();
  }

  /** The answer to a batch of this shard. */
  ShardFailure answer(int shard, Applied applied, Duration retryAfter) {
    return kind == Kind.DISK_FULL
        ? StoreFull.ofDisk(shard, applied, cause)
        : new StoreUnavailable(
            shard, applied, kind == Kind.UNEXPECTED ? OF_SERVER : cause, retryAfter);
  }

  /** The condition of the engine meanwhile. */
  Condition condition() {
    return new Condition(
        kind == Kind.DISK_FULL ? Condition.State.FULL : Condition.State.READABLE, cause);
  }
}
