package dev.nebulastore.simulation;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Corrupt;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.SimulatedCommits.Disk;
import dev.nebulastore.storage.rocksdb.SimulatedCommits.DiskFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The disk of the durable engine. Its operations take time, it answers reads out of order, and it
 * fails. After a failure it is unknown whether the last group was written, until the disk is
 * reopened.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class SimulatedDisk implements Disk {

  private record Fetch(int shard, Key key, Consumer<Lookup> then) {}

  private record InDoubt(List<Write> writes, Runnable present) {}

  private final Scheduler scheduler;
  private final Faults faults;
  private final Ledger ledger;
  private final Tally tally;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final List<Fetch> reads = new ArrayList<>();
  private @Nullable InDoubt inDoubt;
  private @Nullable Thread reader;
  private boolean open = true;
  private boolean closing;

  SimulatedDisk(Scheduler scheduler, Faults faults, Ledger ledger, Tally tally) {
    this.scheduler = scheduler;
    this.faults = faults;
    this.ledger = ledger;
    this.tally = tally;
  }

  void start() {
    scheduler.start("reader", this::read);
  }

  private void takeTime() {
    faults.amid();
    scheduler.parkNanos(this, faults.diskNanos());
  }

  /** Takes time and sometimes fails. */
  private void work() throws DiskFailure {
    takeTime();
    if (faults.breaksTheDisk()) {
      faults.breakTheDisk();
    }
  }

  @Override
  public void write(List<Write> writes, Runnable present) throws DiskFailure {
    takeTime();
    ledger.require(inDoubt == null, "written to before it was reopened");
    if (faults.breaksTheDisk()) {
      tally.count(Tally.Event.DISK_BROKEN);
      inDoubt = new InDoubt(faults.turnsUp() ? writes : List.of(), present);
      faults.breakTheDisk();
    }
    writes.forEach(write -> apply(write, true));
    present.run();
    faults.amid();
  }

  private void apply(Write write, boolean told) {
    ledger.applied(write.change(), told);
    Entry after = write.after();
    if (after == null) {
      entries.remove(write.change().key());
    } else {
      entries.put(write.change().key(), after);
    }
  }

  @Override
  public void sync() throws DiskFailure {
    work();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** If this fails after the group in doubt is resolved, the disk is open for reading. */
  @Override
  public void reopen() throws DiskFailure {
    open = false;
    work();
    InDoubt doubtful = inDoubt;
    if (doubtful != null) {
      inDoubt = null;
      doubtful.writes().forEach(write -> apply(write, false));
      if (!doubtful.writes().isEmpty()) {
        doubtful.present().run();
      }
    }
    open = true;
    work();
  }

  @Override
  public void probe() throws IOException {
    takeTime();
    if (faults.breaksTheDisk()) {
      throw new IOException("simulated");
    }
  }

  @Override
  public boolean isFull() {
    return faults.hasNoRoom();
  }

  @Override
  public void look() {
    faults.amid();
  }

  @Override
  public Lookup inMemory(Key key) {
    return !open || faults.isCold() ? Lookup.OnDisk.INSTANCE : new Lookup.Known(entries.get(key));
  }

  @Override
  public void fetch(int shard, Key key, Consumer<Lookup> then) {
    tally.count(Tally.Event.FETCHED);
    reads.add(new Fetch(shard, key, then));
    LockSupport.unpark(reader);
  }

  /** Runs the reader thread: one lookup after another, in random order. */
  private void read() {
    reader = Thread.currentThread();
    while (!closing || !reads.isEmpty()) {
      if (reads.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      Fetch fetch = reads.remove(faults.atOnce(reads.size()) - 1);
      scheduler.parkNanos(this, faults.diskNanos());
      Lookup found = find(fetch);
      scheduler.parkNanos(this, faults.diskNanos());
      fetch.then().accept(found);
    }
  }

  private Lookup find(Fetch fetch) {
    if (!open) {
      return new Lookup.Failed(
          StoreUnavailable.ofRead(fetch.shard(), "simulated", Duration.ofSeconds(1)));
    }
    return faults.corrupts()
        ? new Lookup.Failed(new Corrupt(fetch.shard(), "simulated"))
        : new Lookup.Known(entries.get(fetch.key()));
  }

  /** The number of entries. */
  int size() {
    return entries.size();
  }

  void close() {
    closing = true;
    LockSupport.unpark(reader);
  }
}
