package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.rocksdb.AcceptedQueue.Together;
import dev.nebulastore.storage.rocksdb.CommitGroup.Member;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the shards submit: the only one that does.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="3">A group is what was submitted while the last one was written, of all shards; it
 *                 is one batch of RocksDB and has one sync. What it wrote can be read, is told and
 *                 is answered only after that.
 *   <li value="10">After a write or a sync has failed nothing more is written: whether what was in
 *                  hand has reached the disk can't be known, and a sync that is tried again may
 *                  succeed without having written anything. The batches in flight are answered as
 *                  unknown, those after them as not applied, and the database is opened anew: from
 *                  what the disk then has.
 *   <li value="12">Whatever is thrown, also an Error, the thread goes on, and no batch is left
 *                  without an answer. Each step leaves behind what it has done and what is left, so
 *                  that the next {@link #turn} goes on from there: a group that was written is told
 *                  to the rest of its members, one that was not has failed like one that the disk
 *                  refused.
 * </ol>
 *
 * <p>States: writing ──a write or a sync fails, or anything is thrown before a group was written──▶
 * failed ──all that was submitted is answered──▶ recovering ──the disk takes a probe, and the
 * database could be opened──▶ writing; from any: ──close──▶ ended, when all that was submitted is
 * settled.
 *
 * <p>Threads: {@link #run} is confined to its own virtual thread, so that it takes its turn with
 * those who submit and those who are answered: waking them from elsewhere costs more than all the
 * rest. What waits for the disk is done by a platform thread meanwhile. The rest is safe for all.
 */
final class Committer implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Committer.class);

  /** How far ahead the bound of the revisions is written. */
  private static final long REVISIONS_AHEAD = 1 << 20;

  private static final long NANOS_BETWEEN_LOOKS = 250_000_000;

  /** How long it rests after what was not expected, lest it fail without a pause. */
  private static final long NANOS_AFTER_AN_ERROR = 10_000_000;

  private final Database database;
  private final RocksDbProperties properties;
  private final DiskSpace space;
  private final ExpiryLowWatermark soonest;
  private final Numbers numbers;
  private final Recovery recovery;
  private final AcceptedQueue submitted = new AcceptedQueue();
  private final AtomicBoolean parked = new AtomicBoolean();
  private final Thread thread = Thread.ofVirtual().name("rocksdb-committer").unstarted(this);
  private final DiskThread disk = new DiskThread("rocksdb-writer");
  private final RefusalLog refusals = new RefusalLog();

  private volatile boolean ended;
  private volatile boolean closing;
  private volatile boolean doubted;
  private volatile @Nullable RocksDBException hopeless;

  // Confined to the committer.
  private boolean unsynced;
  private long lastSync = System.nanoTime();
  private CommitGroup group = new CommitGroup();

  Committer(
      Database database,
      RocksDbProperties properties,
      DiskSpace space,
      ExpiryLowWatermark soonest,
      InFlightWrites inFlight,
      Collection<RocksDbShard> lanes)
      throws RocksDBException {
    this.database = database;
    this.properties = properties;
    this.space = space;
    this.soonest = soonest;
    this.numbers = new Numbers(database);
    this.recovery = new Recovery(database, disk, space, numbers, inFlight, lanes, properties);
  }

  void start() {
    thread.start();
  }

  /** No revision above it was ever given by an earlier process. */
  long revisions() {
    return numbers.revisions();
  }

  /** The number of entries. */
  long entries() {
    return numbers.entries();
  }

  /**
   * Takes batches that their lanes have accepted, to be written as one; in the order of each lane.
   */
  void enqueue(Together together) {
    submitted.add(together);
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Why a batch can't be taken at this time; null if it can. */
  @Nullable ShardFailure refusal(int shard) {
    WriteFailure now = failure();
    if (now == null) {
      return closing ? recovery.refusal(shard, WriteFailure.CLOSED) : null;
    }
    return recovery.refusal(shard, now);
  }

  /** What became of a batch that was decided on top of one that was lost. */
  ShardFailure lostGround(int shard) {
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
    String damage = database.damage();
    return damage == null ? Condition.WRITABLE : new Condition(Condition.State.DAMAGED, damage);
  }

  /** A thread that ended in spite of all is said to have. */
  private @Nullable WriteFailure failure() {
    return ended && !closing ? WriteFailure.ENDED : recovery.failure();
  }

  /**
   * Finds out whether writes still go through, and recovers if not: RocksDB may refuse all of them
   * after a flush or a compaction has failed.
   *
   * @param failure recovers from this in any case, as from a full disk; or null
   */
  void doubt(@Nullable RocksDBException failure) {
    hopeless = failure;
    doubted = true;
    LockSupport.unpark(thread);
  }

  /** Settles all that was submitted, makes it safe, and ends. */
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

  /** Its last act, should it end in spite of all, is to answer what waits. */
  @Override
  public void run() {
    try {
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = turn();
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

  /** Writes what there is, or waits for it; false if it is closed and nothing is left. */
  // Error Prone warns of yielding, since correctness must not hang on it; here it only saves syncs.
  @SuppressWarnings("ThreadPriorityCheck")
  private boolean turn() throws RocksDBException {
    WriteFailure failure = recovery.failure();
    if (failure != null) {
      recovery.answer(group, submitted, failure);
      boolean well = recovery.await(() -> closing);
      unsynced &= !well;
      return well;
    }
    settleAll();
    space.look();
    refusals.tell(condition());
    takeGroup();
    if (!group.members().isEmpty()) {
      write();
      settleAll();
      syncIf(syncIsDue());
      // Behind all that is ready to run: what the callers just answered send next shares a sync.
      Thread.yield();
    } else if (closing) {
      syncIf(unsynced);
      return false;
    } else {
      syncIf(syncIsDue());
      writeIfDoubted();
      park();
    }
    return true;
  }

  /** What was not expected, or a failed write, which is. Never throws. */
  private void cope(Throwable e) {
    if (recovery.failure() == null && !group.wasWritten() && group.unsettled() != null) {
      fail(e);
      return;
    }
    try {
      log.error("The committer goes on after an error", e);
    } catch (Throwable again) {
      // It could not even be logged; there is no more to be done about it.
    }
    LockSupport.parkNanos(this, NANOS_AFTER_AN_ERROR);
  }

  /** Nothing more is written, until all is answered and the database opened anew. Never throws. */
  private void fail(Throwable e) {
    recovery.begin(e);
    refusals.tell(condition(), e);
  }

  private void takeGroup() {
    group = new CommitGroup();
    while (!group.isFull()) {
      Together next = submitted.peek();
      if (next == null) {
        break;
      }
      group.take(next.members());
      submitted.remove();
      group.prepare(next.members());
    }
  }

  private void park() {
    parked.set(true);
    if (submitted.isEmpty() && !closing) {
      long nanos =
          unsynced && properties.sync() == Sync.INTERVAL
              ? lastSync + properties.syncInterval().toNanos() - System.nanoTime()
              : NANOS_BETWEEN_LOOKS;
      LockSupport.parkNanos(this, nanos);
    }
    parked.set(false);
  }

  private boolean syncIsDue() {
    return unsynced
        && properties.sync() == Sync.INTERVAL
        && System.nanoTime() - lastSync >= properties.syncInterval().toNanos();
  }

  private void syncIf(boolean due) {
    if (!due) {
      return;
    }
    try {
      disk.call(database::sync);
      unsynced = false;
      lastSync = System.nanoTime();
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
    long count = numbers.entries();
    try {
      disk.call(() ->
          database.write(
              true,
              (batch, open) ->
                  batch.put(open.numbers, CommitGroup.ENTRIES, EntryCodec.encode(count))));
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** Tells those of a group that was written who were not told yet. */
  private void settleAll() {
    for (Member next = group.unsettled(); next != null; next = group.unsettled()) {
      group.settle();
      try {
        next.lane().settle(next.batch());
      } catch (Throwable e) {
        log.error("Shard {}: a listener failed on a change", next.lane().shard(), e);
      }
    }
  }

  private void write() throws RocksDBException {
    if (group.isEmpty()) {
      group.isWritten();
      return;
    }
    boolean passes = group.lastRevision() > numbers.revisions();
    long bound = passes ? group.lastRevision() + REVISIONS_AHEAD : numbers.revisions();
    long count = numbers.entries() + group.growth();
    long time = Math.max(numbers.time(), group.lastTime());
    boolean later = time > numbers.time();
    boolean sync = passes || properties.sync() == Sync.ALWAYS;
    CommitGroup writing = group;
    soonest.about(group.soonest());
    disk.call(() ->
        database.write(
            sync,
            writing,
            (batch, open) -> {
              batch.put(open.numbers, CommitGroup.ENTRIES, EntryCodec.encode(count));
              if (later) {
                batch.put(open.numbers, CommitGroup.TIME, EntryCodec.encode(time));
              }
              if (passes) {
                batch.put(open.numbers, CommitGroup.REVISIONS, EntryCodec.encode(bound));
              }
            }));
    group.isWritten();
    soonest.done();
    numbers.set(count, bound, time);
    unsynced |= !sync;
  }
}
