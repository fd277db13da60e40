package dev.nebulastore.kv;

import java.time.Duration;
import java.util.Optional;

/**
 * A failure to answer a command. Each kind has a stable code, which is API; the message is for
 * people and is not.
 */
public abstract sealed class KvException extends RuntimeException {

  /** Whether the command that failed took effect. */
  public enum Applied {
    /** Surely not: it may be sent again. */
    NO,
    /** Perhaps: read before sending it again. */
    UNKNOWN
  }

  private final String code;

  // Without a stack trace: these are thrown by the thousand when a server is pressed, and the code
  // says where each came from.
  private KvException(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** The stable code of this kind, in lower-case words joined by hyphens. */
  public final String code() {
    return code;
  }

  /** What was given as a key is none. */
  public static final class InvalidKey extends KvException {
    /** {@code reason} completes the sentence "This is not a key: …". */
    public InvalidKey(String reason) {
      super("invalid-key", "This is not a key: " + reason + ".");
    }
  }

  /** There is no shard of this number. */
  public static final class NoSuchShard extends KvException {
    /** Names the shard. */
    public NoSuchShard(int shard) {
      super("no-such-shard", "There is no shard " + shard + ".");
    }
  }

  /** Another number of shards was asked for while the last change is not done. */
  public static final class ResizeRunning extends KvException {
    /** There is nothing more to say. */
    public ResizeRunning() {
      super("resize-running", "The number of shards is already being changed.");
    }
  }

  /** A backup was asked for while one is being made. */
  public static final class BackupRunning extends KvException {
    /** There is nothing more to say. */
    public BackupRunning() {
      super("backup-running", "Another backup is being made.");
    }
  }

  /** There is no space for a backup. */
  public static final class BackupNoRoom extends KvException {
    /** Says where. */
    public BackupNoRoom(String cause) {
      super("backup-no-room", "There is no space for a backup: " + cause + ".");
    }
  }

  /** Backups can't be made, or not be listed. */
  public static final class BackupFailed extends KvException {
    /** Says why. */
    public BackupFailed(String cause) {
      super("backup-failed", "The backup failed: " + cause + ".");
    }
  }

  /** The limit of concurrent watchers is reached. */
  public static final class TooManyWatchers extends KvException {
    private final Duration retryAfter;

    /** Says how many may watch. */
    public TooManyWatchers(int max, Duration retryAfter) {
      super(
          "too-many-watchers",
          ("The limit of %d concurrent watchers is reached (`nebula.watch.max-subscribers`)."
                  + " Retry later or raise it.")
              .formatted(max));
      this.retryAfter = retryAfter;
    }

    /** When it makes sense to try again. */
    public Duration retryAfter() {
      return retryAfter;
    }
  }

  /** A shard did not carry a command out. */
  public abstract static sealed class ShardFailure extends KvException {

    /** Stands for a shard where a failure is of none, as that of a look through many keys. */
    public static final int NO_SHARD = -1;

    private final int shard;
    private final Applied applied;
    private final Optional<Duration> retryAfter;

    private ShardFailure(
        String code, int shard, Applied applied, Optional<Duration> retryAfter, String message) {
      super(code, message);
      this.shard = shard;
      this.applied = applied;
      this.retryAfter = retryAfter;
    }

    /** The number of the shard, or {@link #NO_SHARD}. */
    public int shard() {
      return shard;
    }

    /** Whether the command took effect. */
    public Applied applied() {
      return applied;
    }

    /** When it makes sense to try again, where that is known. */
    public Optional<Duration> retryAfter() {
      return retryAfter;
    }
  }

  /** The limit of commands that wait for a shard is reached. */
  public static final class MailboxFull extends ShardFailure {
    /** Says how many may wait. */
    public MailboxFull(int shard, int capacity, Duration retryAfter) {
      super(
          "mailbox-full",
          shard,
          Applied.NO,
          Optional.of(retryAfter),
          ("The limit of %d waiting commands of shard %d is reached"
                  + " (`nebula.shards.mailbox-capacity`). Retry later or raise it.")
              .formatted(capacity, shard));
    }
  }

  /** The command's turn did not come before its deadline; it was dropped. */
  public static final class DeadlineExceeded extends ShardFailure {
    /** Says how long it waited. */
    public DeadlineExceeded(int shard, Duration deadline, Duration retryAfter) {
      super(
          "deadline-exceeded",
          shard,
          Applied.NO,
          Optional.of(retryAfter),
          "Shard %d did not start this command within %d ms. It was dropped."
              .formatted(shard, deadline.toMillis()));
    }
  }

  /** The shard died too often and rests before it is tried again. */
  public static final class ShardSetAside extends ShardFailure {
    /** Says how long it rests from now. */
    public ShardSetAside(int shard, Duration retryAfter) {
      super(
          "shard-set-aside",
          shard,
          Applied.NO,
          Optional.of(retryAfter),
          "Shard %d died too often and is quarantined. The other shards continue to work."
              .formatted(shard));
    }
  }

  /** The server is stopping and takes no more commands. */
  public static final class Stopping extends ShardFailure {
    /** Names the shard that would have taken it. */
    public Stopping(int shard, Duration retryAfter) {
      super("stopping", shard, Applied.NO, Optional.of(retryAfter), "The server is stopping.");
    }
  }

  /** The store has no room for a write. */
  public static final class StoreFull extends ShardFailure {
    private StoreFull(int shard, Applied applied, String message) {
      super("store-full", shard, applied, Optional.empty(), message);
    }

    /** The write was refused ahead, for want of room. */
    public static StoreFull noRoom(int shard) {
      return new StoreFull(
          shard, Applied.NO, "The store is full. Reads and deletes continue to work.");
    }

    /** The disk was found to be full when it was written to; the cause is the system's word. */
    public static StoreFull ofDisk(int shard, Applied applied, String cause) {
      return new StoreFull(shard, applied, "The disk is full: " + cause + ".");
    }
  }

  /** The store's disk does not take writes; reads continue. */
  public static final class StoreUnavailable extends ShardFailure {
    /** Says why, and whether the write may have reached the disk. */
    public StoreUnavailable(int shard, Applied applied, String cause, Duration retryAfter) {
      this(shard, applied, retryAfter, "The store accepts no writes at this time: " + cause + ".");
    }

    private StoreUnavailable(int shard, Applied applied, Duration retryAfter, String message) {
      super("store-unavailable", shard, applied, Optional.of(retryAfter), message);
    }

    /** A read failed, so that nothing was decided on it; the cause says why. */
    public static StoreUnavailable ofRead(int shard, String cause, Duration retryAfter) {
      return new StoreUnavailable(
          shard, Applied.NO, retryAfter, "The store could not read this: " + cause + ".");
    }
  }

  /** The stored entry is damaged and can't be read. */
  public static final class Corrupt extends ShardFailure {
    /** Says what is damaged, as far as it is known. */
    public Corrupt(int shard, String cause) {
      super(
          "corrupt",
          shard,
          Applied.NO,
          Optional.empty(),
          (shard == NO_SHARD ? "An entry" : "The entry of this key")
              + " can't be read: "
              + cause
              + ".");
    }
  }

  /** There is no room in memory for a value that would have to be read. */
  public static final class NoMemory extends ShardFailure {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** There is nothing more to say. */
    public NoMemory() {
      super(
          "overloaded",
          NO_SHARD,
          Applied.NO,
          Optional.of(RETRY_AFTER),
          "There is not enough memory for the content of this request at the moment.");
    }
  }

  /** The command was in flight when its worker died, got stuck or took too long. */
  public static final class OutcomeUnknown extends ShardFailure {
    /** Names the shard. */
    public OutcomeUnknown(int shard) {
      super(
          "outcome-unknown",
          shard,
          Applied.UNKNOWN,
          Optional.empty(),
          "Shard %d had started this command and did not answer. It may have been applied."
              .formatted(shard));
    }
  }
}
