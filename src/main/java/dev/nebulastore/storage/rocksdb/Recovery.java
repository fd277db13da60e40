package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.rocksdb.WriteFailure.Kind;
import dev.nebulastore.storage.rocksdb.directory.FreeSpace;
import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recovery after a write or a sync has failed: all that waits is answered, and then the
 * database is opened again, as often as it takes.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. Whatever is thrown, each step
 * can be repeated from where it stopped: an answer is allocated before its batch counts as
 * answered, and delivered after that.
 *
 * <p>States: none ──{@link #begin}──▶ failed ──{@link #answer}──▶ all answered ──{@link #await}──▶
 * none.
 *
 * <p>Threads: confined to the committer's, but for {@link #failure} and {@link #refusal}.
 */
final class Recovery {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Execution execution;
  private final CommitTarget target;
  private final DiskCalls disk;
  private final FreeSpace space;
  private final Numbers numbers;
  private final InFlightWrites inFlight;
  private final Collection<RocksDbShard> shards;
  private final Duration retryDelay;
  private final Duration maxRetryDelay;

  private volatile @Nullable WriteFailure failure;

  // Whether the writes that were in flight at the failure are forgotten.
  private boolean lost;

  // The group that may be on the disk, or not, until the database is open again.
  private @Nullable CommitGroup inDoubt;

  // Written by the disk's thread while the committer waits for it.
  private boolean openedAnew;

  Recovery(
      Execution execution,
      CommitTarget target,
      DiskCalls disk,
      FreeSpace space,
      Numbers numbers,
      InFlightWrites inFlight,
      Collection<RocksDbShard> shards,
      RocksDbProperties properties) {
    this.execution = execution;
    this.target = target;
    this.disk = disk;
    this.space = space;
    this.numbers = numbers;
    this.inFlight = inFlight;
    this.shards = shards;
    this.retryDelay = properties.retryDelay();
    this.maxRetryDelay = properties.maxRetryDelay();
  }

  /** Why nothing is written at this time; null if writes succeed. */
  @Nullable WriteFailure failure() {
    return failure;
  }

  /** The answer to a batch that is not accepted for this reason. */
  ShardFailure refusal(int shard, WriteFailure why) {
    return answer(shard, Applied.NO, why);
  }

  private ShardFailure answer(int shard, Applied applied, WriteFailure why) {
    Duration second = Duration.ofSeconds(1);
    return why.answer(shard, applied, retryDelay.compareTo(second) < 0 ? second : retryDelay);
  }

  /** Begins a recovery: nothing is written until it is complete. Never throws. */
  void begin(Throwable e) {
    WriteFailure now = WriteFailure.of(e);
    lost = false;
    openedAnew = false;
    failure = now;
  }

  /** Answers the batches of the group in flight that have no answer yet, and all that wait. */
  void answer(CommitGroup group, AcceptedQueue waiting, WriteFailure why) {
    if (!lost) {
      // From here on, every shard refuses new batches.
      shards.forEach(RocksDbShard::awaitAccepted);
      inFlight.lose();
      lost = true;
    }
    if (!group.wasWritten()) {
      inDoubt = group;
    }
    for (AcceptedBatch next = group.unsettled(); next != null; next = group.unsettled()) {
      ShardFailure answer = answer(next.shard().shard(), Applied.UNKNOWN, why);
      group.settle();
      tell(next, answer);
    }
    refuseAll(waiting, why);
  }

  /** Answers all that wait as not applied. The answers are allocated before the first is sent. */
  void refuseAll(AcceptedQueue waiting, WriteFailure why) {
    for (AcceptedQueue.Item next = waiting.peek(); next != null; next = waiting.peek()) {
      List<AcceptedBatch> batches = next.batches();
      List<ShardFailure> answers =
          batches.stream().map(accepted -> refusal(accepted.shard().shard(), why)).toList();
      waiting.remove();
      for (int i = 0; i < batches.size(); i++) {
        tell(batches.get(i), answers.get(i));
      }
    }
  }

  private static void tell(AcceptedBatch accepted, ShardFailure answer) {
    try {
      accepted.shard().fail(accepted.batch(), answer);
    } catch (Throwable e) {
      logQuietly("Shard {}: an answer failed", accepted, e);
    }
  }

  private static void logQuietly(String what, AcceptedBatch accepted, Throwable e) {
    try {
      log.error(what, accepted.shard().shard(), e);
    } catch (Throwable again) {
      // Others wait for their answers, whether this can be logged or not.
    }
  }

  /**
   * Tries to open the database again until it succeeds, with growing pauses.
   *
   * @return false if the engine is closed first
   */
  boolean await(BooleanSupplier closing) {
    Duration delay = retryDelay;
    while (!closing.getAsBoolean()) {
      execution.parkNanos(this, delay.toNanos());
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
      tellUncertain();
      failure = null;
      return true;
    } catch (Throwable e) {
      log.debug("The disk still fails; it is tried again: {}", WriteFailure.of(e).cause());
      tellUncertain();
      return failure == null;
    }
  }

  /**
   * Called when reads show the result of the group that was in flight when the disk failed. What
   * was decided on what they showed before must not be accepted any more.
   */
  private void tellUncertain() {
    if (!openedAnew) {
      return;
    }
    inFlight.lose();
    CommitGroup doubtful = inDoubt;
    if (doubtful != null) {
      doubtful.batches().forEach(Recovery::tellUncertain);
      inDoubt = null;
    }
  }

  private static void tellUncertain(AcceptedBatch accepted) {
    try {
      if (!accepted.batch().writes().isEmpty()) {
        accepted.batch().uncertain();
      }
    } catch (Throwable e) {
      logQuietly("Shard {}: a listener failed on a change", accepted, e);
    }
  }

  private void reopen() throws RocksDBException {
    WriteFailure now = failure;
    Kind kind = now == null ? Kind.UNEXPECTED : now.kind();
    try {
      if (kind == Kind.DISK_FULL) {
        space.spendReserve();
      } else if (kind == Kind.TOO_MANY_OPEN_FILES) {
        target.requireDescriptors();
      } else if (now != null && kind == Kind.DAMAGED) {
        target.stopCompacting(now.cause());
      }
      space.probe();
    } catch (IOException e) {
      throw new RocksDBException(String.valueOf(e.getMessage()));
    }
    try {
      target.reopen();
    } finally {
      openedAnew = target.isOpen();
    }
    numbers.read(target);
  }
}
