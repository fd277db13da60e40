package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.directory.DiskSpace;
import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all entries in one RocksDB database, with the user's key as its key.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">Disk I/O is done on platform threads: writes on that of the {@link Committer},
 *                 reads that memory can't answer on a few others. The virtual thread of a worker
 *                 reads from memory alone.
 *   <li value="4">All shards share one database: what is on disk does not depend on how many there
 *                 are. A batch that a shard has accepted is settled whatever becomes of its worker;
 *                 a fenced generation's is not accepted.
 *   <li value="10">Revisions are greater than all that were given before the last stop, crash or
 *                  power cut: an upper bound of them is on disk, and all shards begin there.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class RocksDbEngine implements StorageEngine {

  private static final Logger log = LoggerFactory.getLogger(RocksDbEngine.class);

  private final DataDirectory directory;
  private final Database database;
  private final GroupCommit shards;
  private final Committer committer;
  private final DiskSpace space;
  private final SpaceReclaimer reclaimer;
  private final byte[] secret;
  private final ExpiryLowWatermark expiries = new ExpiryLowWatermark();
  private final EntryReads reads;

  RocksDbEngine(DataDirectory directory, Database database, RocksDbProperties properties)
      throws RocksDBException, IOException {
    this.directory = directory;
    this.database = database;
    this.space =
        DiskSpace.of(
            directory.home(),
            properties.minFreeSpace().toBytes(),
            properties.memtableSize().toBytes());
    this.secret = Secret.of(database);
    this.reads = new EntryReads(database, new Readers(properties.readThreads(), System::nanoTime));
    this.shards =
        new GroupCommit(
            Execution.SYSTEM,
            database,
            new DiskThread("rocksdb-writer"),
            space,
            reads,
            expiries,
            properties);
    this.committer = shards.committer();
    this.reclaimer =
        new SpaceReclaimer(
            new TableSpace(database, properties.reclaimRate().toBytes()),
            space,
            committer::entries,
            () ->
                properties.reclaimRate().toBytes() > 0
                    && database.damage() == null
                    && committer.refusal(ShardFailure.NO_SHARD) == null,
            this::reclaimingFailed);
    shards.start();
    reclaimer.start();
  }

  @Override
  public String name() {
    return "rocksdb";
  }

  @Override
  public ShardStore open(int shard, long generation) {
    return shards.open(shard, generation);
  }

  @Override
  public void raise(int target, int source) {
    shards.raise(target, source);
  }

  @Override
  public Revision revision(int shard) {
    return shards.revision(shard);
  }

  @Override
  public Revision applied() {
    return new Revision(committer.applied());
  }

  @Override
  public Instant lastTime() {
    return Instant.ofEpochMilli(reads.await(() -> database.number(Numbers.TIME)));
  }

  /** Has the committer find out what that means for writes, or open the database again. */
  void reclaimingFailed(RocksDBException failure, boolean again) {
    committer.doubt(again ? failure : null);
  }

  @Override
  public void submit(List<Part> parts) {
    RocksDbStore.submit(parts);
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    return reads.await(() -> database.scan(new Scan(range, now, limit)));
  }

  @Override
  public byte[] secret() {
    return secret;
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    Instant begin = expiries.begin();
    byte[] from = after == null ? EntryCodec.encode(begin) : EntryCodec.encodeAfter(after);
    List<Expiry> found = new ArrayList<>();
    // Each scan is bounded, so that other reads get the threads in between.
    for (byte[] next = from; next != null; ) {
      byte[] here = next;
      ExpiryScan scan = new ExpiryScan(here, now, limit - found.size());
      ExpiryScan.Due due = reads.await(() -> database.expiries(scan));
      found.addAll(due.found());
      next = found.size() < limit ? due.rest() : null;
    }
    if (after == null) {
      expiries.nothingBefore(found.isEmpty() ? now : found.getFirst().at());
    }
    return found;
  }

  @Override
  public boolean settlesAtOnce() {
    return false;
  }

  @Override
  public Usage usage() {
    return new Usage(committer.entries(), database.bytes(), Long.MAX_VALUE);
  }

  @Override
  public Condition condition() {
    return committer.condition();
  }

  @Override
  public long corruptions() {
    return reads.corruptions() + (database.damage() == null ? 0 : 1);
  }

  @Override
  public Optional<Path> directory() {
    return Optional.of(directory.home());
  }

  @Override
  public void checkpoint(Path folder) throws IOException {
    RocksDbCheckpoint.make(database, folder);
  }

  @Override
  public Checkpoint readCheckpoint(Path folder) {
    return RocksDbCheckpoint.open(folder);
  }

  @Override
  public void close() {
    reclaimer.close();
    reads.close();
    shards.close();
    database.close();
    try {
      directory.close();
    } catch (IOException e) {
      log.warn("The data directory could not be released", e);
    }
  }
}
