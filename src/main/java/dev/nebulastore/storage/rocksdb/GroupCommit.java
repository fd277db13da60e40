package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.rocksdb.directory.FreeSpace;
import dev.nebulastore.time.Execution;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.RocksDBException;

/**
 * The shards of a durable engine, and the committer that they share. It knows neither files nor
 * RocksDB, so that a simulation runs it.
 *
 * <p>Threads: safe for all.
 */
final class GroupCommit implements AutoCloseable {

  /** The values of writes that wait for the disk may take an eighth of the heap. */
  static final int BACKLOG_SHARE = 8;

  private final FreeSpace space;
  private final CommittedReads reads;
  private final InFlightWrites inFlight =
      new InFlightWrites(Runtime.getRuntime().maxMemory() / BACKLOG_SHARE);
  private final Map<Integer, RocksDbShard> shards = new ConcurrentHashMap<>();
  private final Committer committer;

  GroupCommit(
      Execution execution,
      CommitTarget target,
      DiskCalls disk,
      FreeSpace space,
      CommittedReads reads,
      ExpiryLowWatermark expiries,
      RocksDbProperties properties)
      throws RocksDBException {
    this.space = space;
    this.reads = reads;
    this.committer =
        new Committer(
            execution, target, disk, properties, space, expiries, inFlight, shards.values());
  }

  void start() {
    committer.start();
  }

  Committer committer() {
    return committer;
  }

  /** The store of a shard for a generation of its worker; earlier ones are fenced. */
  ShardStore open(int shard, long generation) {
    RocksDbShard opened = shard(shard);
    return opened
        .fence()
        .begin(generation, () -> new RocksDbStore(opened, generation, reads, committer, space));
  }

  /** Raises the revision of a shard to that of another one. */
  void raise(int target, int source) {
    shard(target).fence().raise(shard(source).fence().revision());
  }

  /** The last revision of a shard. */
  Revision revision(int shard) {
    return shard(shard).fence().revision();
  }

  private RocksDbShard shard(int shard) {
    return shards.computeIfAbsent(
        shard, s -> new RocksDbShard(s, inFlight, new Revision(committer.revisions())));
  }

  @Override
  public void close() {
    committer.close();
  }
}
