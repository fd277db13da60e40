package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.TableSpace.Family;
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
 * Makes what was deleted free on the disk: RocksDB alone compacts when there is much to compact,
 * and on a full disk nothing is written any more that would bring it to that.
 *
 * <p>When the disk is tight, it writes the memory of recent writes to tables, which also removes
 * the logs that were kept for it, and compacts the ranges that have deletes: one after the other,
 * the one that needs the least space first, none that needs more than there is, and no faster than
 * {@code reclaim-rate}. While puts are still accepted it does so only if much is dead.
 *
 * <p>Threads: {@link #run} and {@link #look} are confined to its own platform thread, for which
 * nobody waits but {@link #close}; that is safe for all.
 */
final class SpaceReclaimer implements Runnable, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SpaceReclaimer.class);
  private static final long NANOS_BETWEEN_LOOKS = 1_000_000_000;

  private final TableSpace tables;
  private final DiskSpace space;
  private final LongSupplier entries;
  private final BooleanSupplier enabled;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("rocksdb-reclaimer").unstarted(this);
  private volatile boolean closing;

  /**
   * Begins with {@link #start}.
   *
   * @param entries how many there are
   * @param enabled whether it may compact now; it always keeps the {@link DiskReserve}
   */
  SpaceReclaimer(
      TableSpace tables, DiskSpace space, LongSupplier entries, BooleanSupplier enabled) {
    this.tables = tables;
    this.space = space;
    this.entries = entries;
    this.enabled = enabled;
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    String told = "";
    while (!closing) {
      long began = System.nanoTime();
      try {
        look();
        told = "";
      } catch (RocksDBException | IOException | RuntimeException | Error e) {
        String now = e.toString();
        if (!closing && !now.equals(told)) {
          log.warn("Space could not be reclaimed; it is tried again: {}", now);
        }
        told = now;
      }
      // Half of the time at most, should there be no end of it.
      LockSupport.parkNanos(this, Math.max(NANOS_BETWEEN_LOOKS, System.nanoTime() - began));
    }
  }

  /** Does what there is to do now. */
  void look() throws RocksDBException, IOException {
    space.fillReserve(() -> closing);
    if (!enabled.getAsBoolean() || !space.isTight()) {
      return;
    }
    if (space.isLow() && tables.flushHelps(space.free())) {
      tables.flush();
    }
    reclaim(Family.ENTRIES, entries.getAsLong());
    if (space.isLow()) {
      // How many of them count is not known.
      reclaim(Family.EXPIRIES, 0);
    }
  }

  private void reclaim(Family family, long alive) throws RocksDBException {
    Set<String> done = new HashSet<>();
    while (!closing && space.isTight()) {
      ReclaimPlan plan = new ReclaimPlan(tables.tables(family), alive);
      if (!space.isLow() && !plan.isWorthIt()) {
        return;
      }
      Optional<ReclaimPlan.Step> step = plan.next(space.free() / 2, done);
      if (step.isEmpty()) {
        return;
      }
      log.debug("Compacting {} bytes of {}", step.get().bytes(), family);
      done.add(step.get().table());
      tables.compact(family, step.get());
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
