package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.rocksdb.AcceptedQueue.Together;
import dev.nebulastore.storage.rocksdb.CommitGroup.Member;
import dev.nebulastore.storage.rocksdb.WriteFailure.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back after a write or a sync has failed: all that waits is answered, and then the
 * database is opened anew, as often as it takes.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. Whatever is thrown on the way,
 * each step can be done again from where it stopped: an answer is made before its batch counts as
 * answered, and then told.
 *
 * <p>States: none ──{@link #begin}──▶ failed ──{@link #answer}──▶ all answered ──{@link #await}──▶
 * none.
 *
 * <p>Threads: confined to the committer's, but for {@link #failure} and {@link #refusal}.
 */
final class Recovery {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Database database;
  private final DiskThread disk;
  private final DiskSpace space;
  private final Numbers numbers;
  private final InFlightWrites inFlight;
  private final Collection<RocksDbShard> lanes;
  private final Duration retryDelay;
  private final Duration maxRetryDelay;

  private volatile @Nullable WriteFailure failure;

  // Whether what was under way when it failed counts no more.
  private boolean lost;

  // What may be on the disk, or not, until the database was opened anew.
  private @Nullable CommitGroup inDoubt;

  // Written by the disk's thread while the committer waits for it.
  private boolean openedAnew;

  Recovery(
      Database database,
      DiskThread disk,
      DiskSpace space,
      Numbers numbers,
      InFlightWrites inFlight,
      Collection<RocksDbShard> lanes,
      RocksDbProperties properties) {
    this.database = database;
    this.disk = disk;
    this.space = space;
    this.numbers = numbers;
    this.inFlight = inFlight;
    this.lanes = lanes;
    this.retryDelay = properties.retryDelay();
    this.maxRetryDelay = properties.maxRetryDelay();
  }

  /** Why nothing is written at this time; null if all is well. */
  @Nullable WriteFailure failure() {
    return failure;
  }

  /** What a batch is answered with that can't be taken for this reason. */
  ShardFailure refusal(int shard, WriteFailure why) {
    return answer(shard, Applied.NO, why);
  }

  private ShardFailure answer(int shard, Applied applied, WriteFailure why) {
    Duration second = Duration.ofSeconds(1);
    return why.answer(shard, applied, retryDelay.compareTo(second) < 0 ? second : retryDelay);
  }

  /** Nothing is written from here on, until the rest was done. Never throws. */
  void begin(Throwable e) {
    WriteFailure now = WriteFailure.of(e);
    lost = false;
    openedAnew = false;
    failure = now;
  }

  /** Answers those of the group in flight who were not yet, and all that waits. */
  void answer(CommitGroup inHand, AcceptedQueue waiting, WriteFailure why) {
    if (!lost) {
      // After this no lane lets a batch through that is not refused.
      lanes.forEach(RocksDbShard::pass);
      inFlight.lose();
      lost = true;
    }
    if (!inHand.wasWritten()) {
      inDoubt = inHand;
    }
    for (Member next = inHand.unsettled(); next != null; next = inHand.unsettled()) {
      ShardFailure answer = answer(next.lane().shard(), Applied.UNKNOWN, why);
      inHand.settle();
      tell(next, answer);
    }
    refuseAll(waiting, why);
  }

  /** Answers all that waits as not applied: first makes what that takes, then tells. */
  void refuseAll(AcceptedQueue waiting, WriteFailure why) {
    for (Together next = waiting.peek(); next != null; next = waiting.peek()) {
      List<Member> members = next.members();
      List<ShardFailure> answers =
          members.stream().map(member -> refusal(member.lane().shard(), why)).toList();
      waiting.remove();
      for (int i = 0; i < members.size(); i++) {
        tell(members.get(i), answers.get(i));
      }
    }
  }

  private static void tell(Member member, ShardFailure answer) {
    try {
      member.lane().fail(member.batch(), answer);
    } catch (Throwable e) {
      logQuietly("Shard {}: an answer failed", member, e);
    }
  }

  private static void logQuietly(String what, Member member, Throwable e) {
    try {
      log.error(what, member.lane().shard(), e);
    } catch (Throwable again) {
      // Others wait for their answers, whether this can be told or not.
    }
  }

  /**
   * Tries until the database could be opened anew, with growing pauses.
   *
   * @return false if the engine is closed first
   */
  boolean await(BooleanSupplier closing) {
    Duration delay = retryDelay;
    while (!closing.getAsBoolean()) {
      LockSupport.parkNanos(this, delay.toNanos());
      if (closing.getAsBoolean()) {
        return false;
      }
      if (succeeds()) {
        return true;
      }
      Duration doubled = delay.multipliedBy(2);
      delay = doubled.compareTo(maxRetryDelay) < 0 ? doubled : maxRetryDelay;
    }
    return false;
  }

  private boolean succeeds() {
    try {
      disk.call(this::reopen);
      tellOfDoubt();
      failure = null;
      return true;
    } catch (Throwable e) {
      log.debug("The disk is not well yet; it is tried again: {}", WriteFailure.of(e).cause());
      tellOfDoubt();
      return failure == null;
    }
  }

  /**
   * As soon as reads show what became of what was in flight when the disk failed. What was decided
   * on what they showed before must not be accepted any more.
   */
  private void tellOfDoubt() {
    if (!openedAnew) {
      return;
    }
    inFlight.lose();
    CommitGroup doubtful = inDoubt;
    if (doubtful != null) {
      doubtful.members().forEach(Recovery::tellOfDoubt);
      inDoubt = null;
    }
  }

  private static void tellOfDoubt(Member member) {
    try {
      if (!member.batch().writes().isEmpty()) {
        member.batch().uncertain();
      }
    } catch (Throwable e) {
      logQuietly("Shard {}: a listener failed on a change", member, e);
    }
  }

  private void reopen() throws RocksDBException {
    WriteFailure now = failure;
    Kind kind = now == null ? Kind.UNEXPECTED : now.kind();
    try {
      if (kind == Kind.DISK_FULL) {
        space.spendReserve();
      } else if (kind == Kind.TOO_MANY_OPEN_FILES) {
        database.requireDescriptors();
      } else if (now != null && kind == Kind.DAMAGED) {
        database.leaveTablesAlone(now.cause());
      }
      space.probe();
    } catch (IOException e) {
      throw new RocksDBException(String.valueOf(e.getMessage()));
    }
    try {
      database.reopen();
    } finally {
      openedAnew = database.isOpen();
    }
    numbers.read(database);
  }
}
