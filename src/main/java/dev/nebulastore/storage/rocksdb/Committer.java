package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.rocksdb.directory.FreeSpace;
import dev.nebulastore.time.Execution;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the batches that the shards submit. It is the only writer of entries.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="3">A group is made of the batches that all shards submitted while the previous group
 *                 was written. It is one batch of RocksDB, with one sync. Its writes are visible to
 *                 reads, and its callers are answered, after that.
 *   <li value="10">After a write or a sync has failed, nothing more is written. It is unknown
 *                  whether the group in flight has reached the disk, and a sync that is tried again
 *                  may succeed without having written anything. So the batches in flight are
 *                  answered as unknown, those behind them as not applied, and the database is
 *                  opened again from what is on the disk.
 *   <li value="12">Whatever is thrown, also an Error, the thread continues, and each batch is
 *                  answered. Every step records what is done, so that the next {@link #step}
 *                  continues from there: a group that was written is settled for the rest of its
 *                  batches, and one that was not written fails as if the disk had refused it.
 * </ol>
 *
 * <p>States: writing ──a write or a sync fails, or anything is thrown before a group was written──▶
 * failed ──all submitted batches are answered──▶ recovering ──the disk passes a probe, and the
 * database is open again──▶ writing; from any: ──close──▶ ended, when all submitted batches are
 * settled.
 *
 * <p>Threads: {@link #run} is confined to its own virtual thread, which is scheduled like those of
 * the workers: waking these from another thread costs more than all the rest. A platform thread
 * waits for the disk. The other methods are safe for all.
 */
final class Committer implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Committer.class);

  private static final long NANOS_BETWEEN_LOOKS = 250_000_000;

  /** The pause after an unexpected error, so that it does not fail in a busy loop. */
  private static final long NANOS_AFTER_AN_ERROR = 10_000_000;

  private final Execution execution;
  private final CommitTarget target;
  private final DiskCalls disk;
  private final FreeSpace space;
  private final ExpiryLowWatermark expiries;
  private final Numbers numbers;
  private final Recovery recovery;
  private final AcceptedQueue submitted = new AcceptedQueue();
  private final AtomicBoolean parked = new AtomicBoolean();
  private final Thread thread;
  private final RefusalLog refusals = new RefusalLog();

  private volatile boolean ended;
  private volatile boolean closing;
  private volatile boolean doubted;
  private volatile @Nullable RocksDBException hopeless;

  // Confined to the committer.
  private final SyncSchedule syncs;
  private CommitGroup group = new CommitGroup();

  Committer(
      Execution execution,
      CommitTarget target,
      DiskCalls disk,
      RocksDbProperties properties,
      FreeSpace space,
      ExpiryLowWatermark expiries,
      InFlightWrites inFlight,
      Collection<RocksDbShard> shards)
      throws RocksDBException {
    this.execution = execution;
    this.target = target;
    this.disk = disk;
    this.space = space;
    this.expiries = expiries;
    this.syncs = new SyncSchedule(properties, execution);
    this.numbers = new Numbers(target);
    this.recovery =
        new Recovery(execution, target, disk, space, numbers, inFlight, shards, properties);
    this.thread = execution.virtualThread("rocksdb-committer", this);
  }

  void start() {
    thread.start();
  }

  /** An upper bound of all revisions that earlier processes gave. */
  long revisions() {
    return numbers.revisions();
  }

  /** The greatest revision that was written. */
  long applied() {
    return numbers.applied();
  }

  /** The number of entries. */
  long entries() {
    return numbers.entries();
  }

  /** Takes batches that their shards have accepted, to be written as one, in their order. */
  void enqueue(AcceptedQueue.Item item) {
    submitted.add(item);
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Why no batch is accepted at this time; null if batches are. */
  @Nullable ShardFailure refusal(int shard) {
    WriteFailure now = failure();
    if (now == null) {
      return closing ? recovery.refusal(shard, WriteFailure.CLOSED) : null;
    }
    return recovery.refusal(shard, now);
  }

  /** The failure of a batch that was decided on top of a lost write. */
  ShardFailure lostWrite(int shard) {
    WriteFailure now = failure();
    return recovery.refusal(shard, now == null ? WriteFailure.LOST : now);
  }

  Condition condition() {
    WriteFailure now = failure();
    if (now != null) {
      return now.condition();
    }
    if (space.isLow()) {
      return new Condition(Condition.State.FULL, space.toString());
    }
    String damage = target.damage();
    return damage == null ? Condition.WRITABLE : new Condition(Condition.State.DAMAGED, damage);
  }

  /** Why nothing is written, also if the thread has ended against all expectation. */
  private @Nullable WriteFailure failure() {
    return ended && !closing ? WriteFailure.ENDED : recovery.failure();
  }

  /**
   * Has the committer find out whether writes still succeed, and recover if not: after a flush or a
   * compaction has failed, RocksDB may refuse all writes.
   *
   * @param failure if not null, it recovers from this in any case, as from a full disk
   */
  void doubt(@Nullable RocksDBException failure) {
    hopeless = failure;
    doubted = true;
    LockSupport.unpark(thread);
  }

  /** Settles all that was submitted, syncs it, and ends. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    recovery.refuseAll(submitted, WriteFailure.CLOSED);
    disk.close();
  }

  /** Should the thread end against all expectation, its last act is to answer what waits. */
  @Override
  public void run() {
    try {
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = step();
        } catch (Throwable e) {
          cope(e);
        }
      }
    } finally {
      ended = true;
      if (!closing) {
        recovery.refuseAll(submitted, WriteFailure.ENDED);
      }
    }
  }

  /** Writes what is submitted, or waits for it; false if it is closed and nothing is left. */
  // Error Prone warns that correctness must not depend on yielding. Here it only saves syncs.
  @SuppressWarnings("ThreadPriorityCheck")
  private boolean step() throws RocksDBException {
    WriteFailure failure = recovery.failure();
    if (failure != null) {
      recovery.answer(group, submitted, failure);
      boolean well = recovery.await(() -> closing);
      if (well) {
        syncs.reopened();
      }
      return well;
    }
    settleAll();
    space.look();
    refusals.tell(condition());
    takeGroup();
    if (!group.batches().isEmpty()) {
      write();
      settleAll();
      syncIf(syncs.isDue());
      // Lets all that is ready run: what the callers just answered send next shares a sync.
      Thread.yield();
    } else if (closing) {
      syncIf(syncs.isUnsynced());
      return false;
    } else {
      syncIf(syncs.isDue());
      writeIfDoubted();
      park();
    }
    return true;
  }

  /** Handles a failed write, or an unexpected error. Never throws. */
  private void cope(Throwable e) {
    if (recovery.failure() == null && !group.wasWritten() && group.unsettled() != null) {
      fail(e);
      return;
    }
    try {
      log.error("The committer continues after an error", e);
    } catch (Throwable again) {
      // It could not even be logged.
    }
    execution.parkNanos(this, NANOS_AFTER_AN_ERROR);
  }

  /** Writes nothing more until all is answered and the database is open again. Never throws. */
  private void fail(Throwable e) {
    recovery.begin(e);
    refusals.tell(condition(), e);
  }

  private void takeGroup() {
    group = new CommitGroup();
    while (!group.isFull()) {
      AcceptedQueue.Item next = submitted.peek();
      if (next == null) {
        break;
      }
      group.take(next.batches());
      submitted.remove();
      group.prepare(next.batches());
    }
  }

  private void park() {
    parked.set(true);
    if (submitted.isEmpty() && !closing) {
      execution.parkNanos(this, syncs.nanosUntilDue(NANOS_BETWEEN_LOOKS));
    }
    parked.set(false);
  }

  private void syncIf(boolean due) {
    if (!due) {
      return;
    }
    try {
      disk.call(target::sync);
      syncs.synced();
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void writeIfDoubted() {
    if (!doubted) {
      return;
    }
    doubted = false;
    RocksDBException refused = hopeless;
    if (refused != null) {
      hopeless = null;
      fail(WriteFailure.noSpace(refused));
      return;
    }
    Numbers.Update same = numbers.unchanged();
    CommitGroup nothing = new CommitGroup();
    try {
      disk.call(() -> target.commit(true, nothing, same));
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** Settles the batches of a written group that are not settled yet. */
  private void settleAll() {
    for (AcceptedBatch next = group.unsettled(); next != null; next = group.unsettled()) {
      group.settle();
      try {
        next.shard().settle(next.batch());
      } catch (Throwable e) {
        log.error("Shard {}: a listener failed on a change", next.shard().shard(), e);
      }
    }
  }

  private void write() throws RocksDBException {
    if (group.isEmpty()) {
      group.isWritten();
      return;
    }
    Numbers.Update update = numbers.after(group);
    boolean sync = update.raisesRevisions() || syncs.isImmediate();
    CommitGroup writing = group;
    expiries.about(group.earliestExpiry());
    disk.call(() -> target.commit(sync, writing, update));
    group.isWritten();
    expiries.done();
    numbers.set(update);
    syncs.written(sync);
  }
}
