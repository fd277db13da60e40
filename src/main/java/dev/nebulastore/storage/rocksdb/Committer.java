package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.rocksdb.Group.Member;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
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
 *                  succeed without having written anything. The batches in hand are answered as
 *                  unknown, those after them as not applied, and the database is opened anew: from
 *                  what the disk then has.
 * </ol>
 *
 * <p>States: writing ──a write or a sync fails──▶ broken ──the disk takes a probe, and the database
 * could be opened──▶ writing; from either: ──close──▶ ended, when all that was submitted is
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

  /** Why nothing is written at this time. */
  private record Breakdown(String cause, boolean diskFull) {}

  private final Database database;
  private final RocksDbProperties properties;
  private final DiskSpace space;
  private final Soonest soonest;
  private final UnderWay underWay;
  private final Collection<Lane> lanes;
  private final Queue<List<Member>> submitted = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean parked = new AtomicBoolean();
  private final AtomicLong entries;
  private final AtomicLong revisions;
  private final Thread thread = Thread.ofVirtual().name("rocksdb-committer").unstarted(this);
  private final DiskThread disk = new DiskThread("rocksdb-writer");

  // Written by the committer alone.
  private volatile @Nullable Breakdown breakdown;
  private volatile boolean closing;

  // Confined to the committer.
  private boolean unsynced;
  private long lastSync = System.nanoTime();
  private final List<Member> inDoubt = new ArrayList<>();

  // Since the last failure; written by the disk's thread while the committer waits for it.
  private boolean openedAnew;

  Committer(
      Database database,
      RocksDbProperties properties,
      DiskSpace space,
      Soonest soonest,
      UnderWay underWay,
      Collection<Lane> lanes)
      throws RocksDBException {
    this.database = database;
    this.properties = properties;
    this.space = space;
    this.soonest = soonest;
    this.underWay = underWay;
    this.lanes = lanes;
    this.entries = new AtomicLong(database.number(Group.ENTRIES));
    this.revisions = new AtomicLong(database.number(Group.REVISIONS));
  }

  void start() {
    thread.start();
  }

  /** No revision above it was ever given by an earlier process. */
  long revisions() {
    return revisions.get();
  }

  /** The number of entries. */
  long entries() {
    return entries.get();
  }

  /**
   * Takes batches that their lanes have accepted, to be written as one; in the order of each lane.
   */
  void enqueue(List<Member> together) {
    submitted.add(together);
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Why a batch can't be taken at this time; null if it can. */
  @Nullable ShardFailure refusal(int shard) {
    Breakdown now = breakdown;
    if (now == null) {
      return closing ? failure(shard, Applied.NO, new Breakdown("it is closed", false)) : null;
    }
    return failure(shard, Applied.NO, now);
  }

  /** What became of a batch that was decided on top of one that was lost. */
  ShardFailure lostGround(int shard) {
    Breakdown now = breakdown;
    return failure(
        shard, Applied.NO, now == null ? new Breakdown("an earlier write was lost", false) : now);
  }

  Condition condition() {
    Breakdown now = breakdown;
    if (now != null) {
      return new Condition(
          now.diskFull() ? Condition.State.FULL : Condition.State.READABLE, now.cause());
    }
    return space.isLow()
        ? new Condition(Condition.State.FULL, space.toString())
        : Condition.WRITABLE;
  }

  private ShardFailure failure(int shard, Applied applied, Breakdown why) {
    return why.diskFull()
        ? StoreFull.ofDisk(shard, applied, why.cause())
        : new StoreUnavailable(shard, applied, why.cause(), retryAfter());
  }

  private Duration retryAfter() {
    Duration second = Duration.ofSeconds(1);
    return properties.retryDelay().compareTo(second) < 0 ? second : properties.retryDelay();
  }

  /** Settles all that was submitted, makes it safe, and ends. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    failAll(Applied.NO, new Breakdown("it is closed", false));
    disk.close();
  }

  // Error Prone warns of yielding, since correctness must not hang on it; here it only saves syncs.
  @SuppressWarnings("ThreadPriorityCheck")
  @Override
  public void run() {
    while (true) {
      space.look();
      Group group = nextGroup();
      if (!group.members().isEmpty()) {
        commit(group);
        // Behind all that is ready to run: what the callers just answered send next shares a sync.
        Thread.yield();
      } else if (closing) {
        syncIf(unsynced);
        return;
      } else {
        syncIf(syncIsDue());
        park();
      }
      if (breakdown != null) {
        recover();
      }
    }
  }

  private Group nextGroup() {
    Group group = new Group();
    while (!group.isFull()) {
      List<Member> together = submitted.poll();
      if (together == null) {
        break;
      }
      together.forEach(group::add);
    }
    return group;
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
    } catch (RocksDBException e) {
      breakDown(new Group(), e);
    }
  }

  private void commit(Group group) {
    try {
      if (!group.isEmpty()) {
        write(group);
      }
    } catch (RocksDBException e) {
      breakDown(group, e);
      return;
    }
    for (Member member : group.members()) {
      try {
        member.lane().settle(member.batch());
      } catch (RuntimeException e) {
        log.error("Shard {}: a listener failed on a change", member.lane().shard(), e);
      }
    }
    syncIf(syncIsDue());
  }

  private void write(Group group) throws RocksDBException {
    boolean passes = group.lastRevision() > revisions.get();
    long bound = passes ? group.lastRevision() + REVISIONS_AHEAD : revisions.get();
    long count = entries.get() + group.growth();
    boolean sync = passes || properties.sync() == Sync.ALWAYS;
    soonest.about(group.soonest());
    disk.call(() ->
        database.write(
            sync,
            group,
            (batch, open) -> {
              batch.put(open.numbers, Group.ENTRIES, EntryCodec.encode(count));
              if (passes) {
                batch.put(open.numbers, Group.REVISIONS, EntryCodec.encode(bound));
              }
            }));
    soonest.done();
    revisions.set(bound);
    entries.set(count);
    unsynced |= !sync;
  }

  /** Nothing is written from here on, until {@link #recover} has done its part. */
  private void breakDown(Group inHand, RocksDBException e) {
    Status status = e.getStatus();
    boolean full = status != null && status.getSubCode() == Status.SubCode.NoSpace;
    Breakdown now = new Breakdown(String.valueOf(e.getMessage()), full);
    breakdown = now;
    openedAnew = false;
    log.error("The disk refused a write; writes are refused until it is well again", e);
    // After this no lane lets a batch through that is not refused.
    lanes.forEach(Lane::pass);
    underWay.lose();
    inHand.members().forEach(member -> fail(member, Applied.UNKNOWN, now));
    inDoubt.addAll(inHand.members());
    failAll(Applied.NO, now);
  }

  private void failAll(Applied applied, Breakdown why) {
    for (List<Member> next = submitted.poll(); next != null; next = submitted.poll()) {
      next.forEach(member -> fail(member, applied, why));
    }
  }

  private void fail(Member member, Applied applied, Breakdown why) {
    member.lane().fail(member.batch(), failure(member.lane().shard(), applied, why));
  }

  /** Tries until the disk is well, with growing pauses, or until the engine is closed. */
  private void recover() {
    Duration delay = properties.retryDelay();
    while (!closing) {
      LockSupport.parkNanos(this, delay.toNanos());
      if (closing) {
        return;
      }
      try {
        disk.call(this::reopen);
        tellOfDoubt();
        unsynced = false;
        breakdown = null;
        log.info("The disk takes writes again");
        return;
      } catch (RocksDBException e) {
        log.warn("The disk is not well yet; it is tried again: {}", e.getMessage());
        tellOfDoubt();
      }
      Duration doubled = delay.multipliedBy(2);
      delay =
          doubled.compareTo(properties.maxRetryDelay()) < 0 ? doubled : properties.maxRetryDelay();
    }
  }

  /**
   * As soon as reads show what became of what was in hand when the disk failed. What was decided on
   * what they showed before must not be accepted any more.
   */
  private void tellOfDoubt() {
    if (openedAnew) {
      underWay.lose();
      inDoubt.stream()
          .filter(member -> !member.batch().writes().isEmpty())
          .forEach(member -> member.batch().uncertain());
      inDoubt.clear();
    }
  }

  private void reopen() throws RocksDBException {
    try {
      space.probe();
    } catch (IOException e) {
      throw new RocksDBException(String.valueOf(e.getMessage()));
    }
    try {
      database.reopen();
    } finally {
      openedAnew = database.isOpen();
    }
    entries.set(database.number(Group.ENTRIES));
    revisions.set(Math.max(revisions.get(), database.number(Group.REVISIONS)));
  }
}
