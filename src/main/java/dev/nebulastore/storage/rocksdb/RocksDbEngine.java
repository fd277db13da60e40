package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.Corrupt;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.AcceptedQueue.Together;
import dev.nebulastore.storage.rocksdb.Readers.Reader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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
 *   <li value="1">What may wait for the disk runs on platform threads: writes on the {@link
 *                 Committer}'s, reads that memory can't answer on a few others. A worker's virtual
 *                 thread asks memory alone.
 *   <li value="4">The shards are lanes over one database: what is on disk does not depend on how
 *                 many there are. A batch that a lane has accepted is settled whatever becomes of
 *                 its worker; a fenced generation's is not accepted.
 *   <li value="10">Revisions go on above all that were given before the last stop, crash or power
 *                  cut: a bound that is ahead of them is on disk, and all lanes begin there.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class RocksDbEngine implements StorageEngine {

  private static final Logger log = LoggerFactory.getLogger(RocksDbEngine.class);
  private static final long NANOS_BETWEEN_WORDS = 10_000_000_000L;

  /** An eighth of the heap is for the values of what waits for the disk. */
  static final int BACKLOG_SHARE = 8;

  private static final Duration RETRY_SOON = Duration.ofSeconds(1);

  /** Made before it is needed. */
  private static final Lookup NO_MEMORY =
      new Lookup.Failed(
          StoreUnavailable.ofRead(ShardFailure.NO_SHARD, "there is no memory for it", RETRY_SOON));

  private final DataDirectory directory;
  private final Database database;
  private final Committer committer;
  private final DiskSpace space;
  private final SpaceReclaimer reclaimer;
  private final byte[] secret;
  private final ExpiryLowWatermark soonest = new ExpiryLowWatermark();
  private final InFlightWrites inFlight =
      new InFlightWrites(Runtime.getRuntime().maxMemory() / BACKLOG_SHARE);
  private final Map<Integer, RocksDbShard> lanes = new ConcurrentHashMap<>();
  private final Readers readers;
  private final AtomicLong corruptions = new AtomicLong();
  private final AtomicLong lastDamageTold = new AtomicLong();
  private final AtomicLong lastErrorTold = new AtomicLong();

  RocksDbEngine(DataDirectory directory, Database database, RocksDbProperties properties)
      throws RocksDBException, IOException {
    this.directory = directory;
    this.database = database;
    this.space = DiskSpace.of(directory.home(), properties);
    this.secret = Secret.of(database);
    this.committer = new Committer(database, properties, space, soonest, inFlight, lanes.values());
    this.readers = new Readers(properties.readThreads(), System::nanoTime);
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
    committer.start();
    reclaimer.start();
  }

  @Override
  public String name() {
    return "rocksdb";
  }

  @Override
  public ShardStore open(int shard, long generation) {
    return lane(shard).open(generation);
  }

  @Override
  public void raise(int target, int source) {
    lane(target).tenure().raise(lane(source).tenure().revision());
  }

  @Override
  public Revision revision(int shard) {
    return lane(shard).tenure().revision();
  }

  @Override
  public Instant lastTime() {
    return Instant.ofEpochMilli(
        readers.await(
            () -> database.number(CommitGroup.TIME), e -> failure(ShardFailure.NO_SHARD, e)));
  }

  private RocksDbShard lane(int shard) {
    return lanes.computeIfAbsent(
        shard, s -> new RocksDbShard(s, this, new Revision(committer.revisions())));
  }

  InFlightWrites inFlight() {
    return inFlight;
  }

  /** What memory knows of a key. Never throws: an Error is no reason for a worker to die. */
  Lookup inMemory(int shard, Key key, RecordBuffer buffer, @Nullable ContentBudget budget) {
    try {
      return database.inMemory(key, new RecordReader(buffer, budget));
    } catch (Throwable e) {
      return failed(shard, e);
    }
  }

  /** Whether those who wait for the disk wait only for the page cache at present. */
  boolean readsAreFast() {
    return readers.areFast();
  }

  /** Reads a key on a thread that may wait, and tells what it found: once, whatever happens. */
  void fetch(int shard, Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
    readers.begin(
        () -> database.get(key, RecordReader.with(budget)),
        new Reader<>() {
          @Override
          public void found(Lookup found) {
            then.accept(found);
          }

          @Override
          public void failed(Throwable e) {
            then.accept(RocksDbEngine.this.failed(shard, e));
          }
        });
  }

  private Lookup failed(int shard, Throwable e) {
    try {
      return new Lookup.Failed(failure(shard, e));
    } catch (Throwable again) {
      return NO_MEMORY;
    }
  }

  private ShardFailure failure(int shard, Throwable e) {
    if (e instanceof RocksDBException refused) {
      return failure(shard, refused);
    }
    if (isTimeForAWord(lastErrorTold)) {
      log.error("{}: a read failed by an error of the server", where(shard), e);
    }
    return StoreUnavailable.ofRead(shard, e.toString(), RETRY_SOON);
  }

  /** One damaged block, or too little memory, may be met a thousand times a second. */
  private static boolean isTimeForAWord(AtomicLong last) {
    long now = System.nanoTime();
    long before = last.get();
    return (before == 0 || now - before > NANOS_BETWEEN_WORDS) && last.compareAndSet(before, now);
  }

  private static String where(int shard) {
    return shard == ShardFailure.NO_SHARD ? "A listing" : "Shard " + shard;
  }

  private ShardFailure failure(int shard, RocksDBException e) {
    String cause = String.valueOf(e.getMessage());
    if (WriteFailure.isDamage(e)) {
      long met = corruptions.incrementAndGet();
      if (isTimeForAWord(lastDamageTold)) {
        log.error("{}: an entry can't be read ({} so far): {}", where(shard), met, cause);
      }
      return new Corrupt(shard, cause);
    }
    return StoreUnavailable.ofRead(shard, cause, RETRY_SOON);
  }

  /** The committer finds out what that means for writes, or has the database opened anew. */
  void reclaimingFailed(RocksDBException failure, boolean again) {
    committer.doubt(again ? failure : null);
  }

  /** Whether the disk has room for more. */
  boolean hasRoom() {
    return !space.isLow();
  }

  /** Why a batch can't be accepted, if so. */
  @Nullable ShardFailure refusal(int shard, boolean onLostGround) {
    return onLostGround ? committer.lostGround(shard) : committer.refusal(shard);
  }

  /** Has batches written as one. */
  void enqueue(Together together) {
    committer.enqueue(together);
  }

  @Override
  public void submit(List<Part> parts) {
    RocksDbShard.submit(parts, 0, null);
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    return readers.await(
        () -> database.scan(new Scan(range, now, limit)), e -> failure(ShardFailure.NO_SHARD, e));
  }

  @Override
  public byte[] secret() {
    return secret;
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    Instant begin = soonest.begin();
    byte[] from = after == null ? EntryCodec.encode(begin) : EntryCodec.encodeAfter(after);
    List<Expiry> found = new ArrayList<>();
    // Each look is bounded, so that others get the readers in between.
    for (byte[] next = from; next != null; ) {
      byte[] here = next;
      Database.Due due =
          readers.await(
              () -> database.expiries(here, now, limit - found.size()),
              e -> failure(ShardFailure.NO_SHARD, e));
      found.addAll(due.found());
      next = found.size() < limit ? due.rest() : null;
    }
    if (after == null) {
      soonest.nothingBefore(found.isEmpty() ? now : found.getFirst().at());
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
    return corruptions.get() + (database.damage() == null ? 0 : 1);
  }

  @Override
  public Optional<Path> directory() {
    return Optional.of(home());
  }

  /** The data directory. */
  Path home() {
    return directory.home();
  }

  /**
   * Makes a consistent copy of all that is committed, from which an engine can be opened. On the
   * disk of the data directory it is made of links.
   *
   * @param folder is made; must not exist
   * @throws IOException if it could not be made whole; what there is of it is of no use
   */
  void checkpoint(Path folder) throws IOException {
    Files.createDirectory(folder);
    try {
      database.checkpoint(DataDirectory.database(folder));
    } catch (RocksDBException e) {
      throw new IOException(e.getMessage(), e);
    }
    DataDirectory.describe(folder, true);
  }

  @Override
  public void close() {
    reclaimer.close();
    readers.close();
    committer.close();
    database.close();
    try {
      directory.close();
    } catch (IOException e) {
      log.warn("The data directory could not be released", e);
    }
  }
}
