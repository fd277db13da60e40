package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.FreeSpace;
import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The shards and the committer of the durable engine, on a simulated disk. */
public final class SimulatedCommits {

  /** A disk, whose calls may throw any error. */
  public interface Disk {

    /**
     * Writes these together, or fails. After a failure it is unknown whether they were written.
     *
     * @param present called once they are present, at once or when the disk is reopened
     */
    void write(List<Write> writes, Runnable present) throws DiskFailure;

    /** Syncs what was written. */
    void sync() throws DiskFailure;

    /** Reopens the disk after a failure. Reads then show whether the last group was written. */
    void reopen() throws DiskFailure;

    /** Whether it can at least be read. */
    boolean isOpen();

    /** Throws if the disk does not accept writes. */
    void probe() throws IOException;

    boolean isFull();

    /** Called when the free space is measured. */
    void look();

    /** The lookup of a key in memory alone. */
    Lookup inMemory(Key key);

    /** Reads a key later, and calls {@code then} once. */
    void fetch(int shard, Key key, Consumer<Lookup> then);
  }

  /** A failure of the disk. */
  public static final class DiskFailure extends Exception {
    private final boolean full;

    /** Creates the failure of a disk that is full, or that fails for another reason. */
    public DiskFailure(boolean full) {
      super("simulated");
      this.full = full;
    }
  }

  private interface Call {
    void call() throws DiskFailure;
  }

  private final Disk disk;
  private final GroupCommit shards;

  /** Creates the committer, which is not started yet. */
  public SimulatedCommits(Execution execution, Disk disk, boolean syncsEach) {
    this.disk = disk;
    try {
      this.shards =
          new GroupCommit(
              execution,
              new Target(),
              new Inline(),
              new Space(),
              new Reads(),
              new ExpiryLowWatermark(),
              RocksDbEngines.properties(syncsEach ? Sync.ALWAYS : Sync.INTERVAL, false));
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  /** Starts the committer. */
  public void start() {
    shards.start();
  }

  /** As the engine's. */
  public ShardStore open(int shard, long generation) {
    return shards.open(shard, generation);
  }

  /** As the engine's. */
  public void raise(int target, int source) {
    shards.raise(target, source);
  }

  /** As the engine's. */
  public Revision revision(int shard) {
    return shards.revision(shard);
  }

  /** As the engine's. */
  public void submit(List<Part> parts) {
    RocksDbStore.submit(parts);
  }

  /** As the engine's. */
  public Condition condition() {
    return shards.committer().condition();
  }

  /** The greatest revision that was written. */
  public Revision applied() {
    return new Revision(shards.committer().applied());
  }

  /** The number of entries, as the committer counts them. */
  public long entries() {
    return shards.committer().entries();
  }

  /** Settles all that was submitted, and ends the committer. */
  public void close() {
    shards.close();
  }

  private static void attempt(Call call) throws RocksDBException {
    try {
      call.call();
    } catch (DiskFailure e) {
      Status.SubCode how = e.full ? Status.SubCode.NoSpace : Status.SubCode.None;
      throw new RocksDBException("simulated", new Status(Status.Code.IOError, how, "simulated"));
    }
  }

  /** Stores the numbers that are on the disk. */
  private final class Target implements CommitTarget {
    private Numbers.Update stored = new Numbers.Update(0, 0, 0, false, 0, false);

    @Override
    public void commit(boolean sync, CommitGroup group, Numbers.Update numbers)
        throws RocksDBException {
      List<Write> writes = new ArrayList<>();
      group.batches().forEach(accepted -> writes.addAll(accepted.batch().writes()));
      attempt(() -> disk.write(writes, () -> stored = numbers));
    }

    @Override
    public void sync() throws RocksDBException {
      attempt(disk::sync);
    }

    @Override
    public long number(byte[] name, int index) {
      if (Arrays.equals(name, Numbers.ENTRIES)) {
        return index == Numbers.APPLIED ? stored.applied() : stored.entries();
      }
      return Arrays.equals(name, Numbers.REVISIONS) ? stored.revisions() : stored.time();
    }

    @Override
    public @Nullable String damage() {
      return null;
    }

    @Override
    public void stopCompacting(String damage) {}

    @Override
    public void requireDescriptors() {}

    @Override
    public void reopen() throws RocksDBException {
      attempt(disk::reopen);
    }

    @Override
    public boolean isOpen() {
      return disk.isOpen();
    }
  }

  /** There is no thread that could be blocked. */
  private static final class Inline implements DiskCalls {
    @Override
    public void call(DiskCall call) throws RocksDBException {
      call.call();
    }

    @Override
    public void close() {}
  }

  private final class Space implements FreeSpace {
    @Override
    public boolean isLow() {
      return disk.isFull();
    }

    @Override
    public void look() {
      disk.look();
    }

    @Override
    public void spendReserve() {}

    @Override
    public void probe() throws IOException {
      disk.probe();
    }
  }

  private final class Reads implements CommittedReads {
    @Override
    public Lookup inMemory(
        int shard, Key key, RecordBuffer buffer, @Nullable ContentBudget budget) {
      return disk.inMemory(key);
    }

    @Override
    public boolean areFast() {
      return false;
    }

    @Override
    public void fetch(int shard, Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
      disk.fetch(shard, key, then);
    }
  }
}
