package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.ShardStore.FencedException;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.SimulatedCommits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The real durable engine on a {@link SimulatedDisk}. It injects {@link Faults} before and after
 * each call, and checks all that is submitted to it.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class FaultyEngine extends SimulatedEngine {

  private final Scheduler scheduler;
  private final Faults faults;
  private final Ledger ledger;
  private final Tally tally;
  private final boolean settlesAtOnce;
  private final SimulatedDisk disk;
  private final SimulatedCommits commits;
  private final Map<Integer, Revision> committed = new HashMap<>();

  FaultyEngine(
      Scheduler scheduler,
      Faults faults,
      Ledger ledger,
      Tally tally,
      boolean settlesAtOnce,
      boolean syncsEach) {
    this.scheduler = scheduler;
    this.faults = faults;
    this.ledger = ledger;
    this.tally = tally;
    this.settlesAtOnce = settlesAtOnce;
    this.disk = new SimulatedDisk(scheduler, faults, ledger, tally);
    this.commits = new SimulatedCommits(scheduler, disk, syncsEach);
  }

  void start() {
    disk.start();
    commits.start();
  }

  @Override
  public ShardStore open(int shard, long generation) {
    faults.amid();
    faults.whenOpened();
    ShardStore store = new FaultyStore(this, shard, commits.open(shard, generation));
    faults.amid();
    return store;
  }

  @Override
  public void raise(int target, int source) {
    faults.amid();
    commits.raise(target, source);
    faults.amid();
  }

  @Override
  public Revision revision(int shard) {
    return commits.revision(shard);
  }

  @Override
  public Revision applied() {
    return commits.applied();
  }

  @Override
  public Condition condition() {
    return commits.condition();
  }

  @Override
  public void submit(List<Part> parts) {
    faults.amid();
    take(parts);
    faults.amid();
  }

  void take(List<Part> parts) {
    int before = -1;
    List<Part> inner = new ArrayList<>();
    for (Part part : parts) {
      FaultyStore store = (FaultyStore) part.store();
      ledger.require(before < store.shard(), "parts out of order");
      before = store.shard();
      if (part.lossEpoch() != store.inner().lossEpoch()) {
        tally.count(Tally.Event.LOST_GROUND);
      }
      Batch batch = new Observed(store.shard(), part.batch());
      inner.add(new Part(store.inner(), part.lossEpoch(), batch));
    }
    try {
      commits.submit(inner);
    } catch (FencedException e) {
      tally.count(Tally.Event.FENCED);
      throw e;
    }
  }

  /**
   * A batch on its way from the worker to the committer, with faults and checks in its callbacks.
   */
  private final class Observed implements Batch {
    private final int shard;
    private final Batch batch;

    Observed(int shard, Batch batch) {
      this.shard = shard;
      this.batch = batch;
    }

    @Override
    public List<Write> writes() {
      return batch.writes();
    }

    @Override
    public void accepted() {
      faults.pause();
      batch.accepted();
      faults.pause();
    }

    @Override
    public void committed() {
      for (Write write : writes()) {
        Revision revision = write.change().revision();
        Revision last = committed.put(shard, revision);
        ledger.require(
            last == null || last.compareTo(revision) < 0,
            "a revision of shard " + shard + " is not greater than the last one");
      }
      faults.amid();
      batch.committed();
    }

    @Override
    public void failed(ShardFailure failure) {
      faults.amid();
      batch.failed(failure);
    }

    @Override
    public void uncertain() {
      faults.amid();
      batch.uncertain();
    }
  }

  /** Reports a lack of space now and then. An engine on a disk notices it only later. */
  boolean reserves(@Nullable Entry before, Change change) {
    return Quota.growth(before, change) == 0 || !faults.hasNoRoom();
  }

  Ledger ledger() {
    return ledger;
  }

  Faults faults() {
    return faults;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  @Override
  public boolean settlesAtOnce() {
    return settlesAtOnce;
  }

  @Override
  public Usage usage() {
    return new Usage(commits.entries(), 0, Long.MAX_VALUE);
  }

  @Override
  public void close() {
    commits.close();
    disk.close();
    ledger.require(
        commits.entries() == disk.size(),
        "%d entries are present, but %d are counted".formatted(disk.size(), commits.entries()));
  }
}
