package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.TableSpace.Family;
import dev.nebulastore.storage.rocksdb.directory.DiskReserve;
import dev.nebulastore.storage.rocksdb.directory.DiskSpace;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the disk space of deleted entries. RocksDB by itself compacts only when enough was written,
 * and on a full disk nothing is.
 *
 * <p>When free space is short, it flushes the memtables, which also removes their logs, and
 * compacts the ranges that contain deletes. It takes one range after the other: the one that needs
 * the least space first, and none that needs more space than there is. It is no faster than {@code
 * reclaim-rate}. While puts are still accepted, it does so only if many entries are dead.
 *
 * <p>Threads: {@link #run} and {@link #look} are confined to its own platform thread; {@link
 * #close} is safe for all.
 */
final class SpaceReclaimer implements Runnable, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SpaceReclaimer.class);
  private static final long LEAST_PAUSE = 1_000_000_000;
  private static final long LONGEST_PAUSE = 10 * LEAST_PAUSE;

  /** After so many failures in a row, the database is opened again. */
  private static final int MANY = 4;

  private final TableSpace tables;
  private final DiskSpace space;
  private final LongSupplier entries;
  private final BooleanSupplier enabled;
  private final Failed failed;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("rocksdb-reclaimer").unstarted(this);
  private volatile boolean closing;

  // Confined to its own thread: what was logged last, and how many attempts in a row have failed.
  private String told = "";
  private int failures;

  /** Receives the failure of a flush or a compaction. */
  interface Failed {

    /**
     * RocksDB may refuse all writes now, or all compactions.
     *
     * @param again whether it has failed many times in a row
     */
    void tell(RocksDBException failure, boolean again);
  }

  /**
   * It begins with {@link #start}.
   *
   * @param entries the number of entries
   * @param enabled whether it may compact now; it always keeps the {@link DiskReserve}
   * @param failed called when a flush or a compaction has failed
   */
  SpaceReclaimer(
      TableSpace tables,
      DiskSpace space,
      LongSupplier entries,
      BooleanSupplier enabled,
      Failed failed) {
    this.tables = tables;
    this.space = space;
    this.entries = entries;
    this.enabled = enabled;
    this.failed = failed;
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    while (!closing) {
      long began = System.nanoTime();
      runOnce();
      // It works at most half of the time, however much there is to do.
      long pause = Math.clamp(System.nanoTime() - began, LEAST_PAUSE, LONGEST_PAUSE);
      LockSupport.parkNanos(this, pause);
    }
  }

  /** Looks once, and logs a failure. Never throws (invariant 12). */
  void runOnce() {
    try {
      look();
      told = "";
      failures = 0;
    } catch (Throwable e) {
      try {
        cope(e);
      } catch (Throwable again) {
        // It could not even be logged; the next attempt follows.
      }
    }
  }

  private void cope(Throwable e) {
    if (closing) {
      return;
    }
    failures++;
    if (e instanceof RocksDBException failure) {
      failed.tell(failure, failures % MANY == 0);
    }
    String now = e.toString();
    if (!now.equals(told)) {
      log.warn("Space could not be reclaimed; it is tried again: {}", now);
    }
    told = now;
  }

  /** Fills the reserve, and reclaims space if it is short. */
  void look() throws RocksDBException, IOException {
    try {
      space.fillReserve(() -> closing);
    } finally {
      reclaim();
    }
  }

  private void reclaim() throws RocksDBException {
    if (!enabled.getAsBoolean() || !space.isTight()) {
      return;
    }
    if (space.isLow() && tables.flushHelps(space.free())) {
      tables.flush();
    }
    reclaim(Family.ENTRIES, entries.getAsLong());
    if (space.isLow()) {
      // The number of expiries is not known.
      reclaim(Family.EXPIRIES, 0);
    }
  }

  private void reclaim(Family family, long alive) throws RocksDBException {
    Set<String> done = new HashSet<>();
    RocksDBException failure = null;
    while (!closing && space.isTight()) {
      ReclaimPlan plan = new ReclaimPlan(tables.tables(family), alive);
      if (!space.isLow() && !plan.isWorthIt()) {
        break;
      }
      Optional<ReclaimPlan.Step> step = plan.next(space.room(), done);
      if (step.isEmpty()) {
        break;
      }
      log.debug("Compacting {} bytes of {}", step.get().bytes(), family);
      done.add(step.get().table());
      try {
        tables.compact(family, step.get());
      } catch (RocksDBException e) {
        // Another step may go through: RocksDB refuses some that are too large for a full disk.
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    tables.stopCompacting();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
