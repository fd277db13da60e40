package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Corrupt;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.rocksdb.Readers.Reader;
import dev.nebulastore.storage.rocksdb.Readers.Reading;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the database for the shards, and turns what fails into the answers of the shard. What
 * memory does not hold is read on a thread of the {@link Readers}.
 *
 * <p>Threads: safe for all.
 */
final class EntryReads implements CommittedReads, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EntryReads.class);
  private static final long NANOS_BETWEEN_MESSAGES = 10_000_000_000L;
  private static final Duration RETRY_SOON = Duration.ofSeconds(1);

  /** Made before it is needed. */
  private static final Lookup NO_MEMORY =
      new Lookup.Failed(
          StoreUnavailable.ofRead(ShardFailure.NO_SHARD, "there is no memory for it", RETRY_SOON));

  private final Database database;
  private final Readers readers;
  private final AtomicLong corruptions = new AtomicLong();
  private final AtomicLong lastDamageLogged = new AtomicLong();
  private final AtomicLong lastErrorLogged = new AtomicLong();

  EntryReads(Database database, Readers readers) {
    this.database = database;
    this.readers = readers;
  }

  @Override
  public Lookup inMemory(int shard, Key key, RecordBuffer buffer, @Nullable ContentBudget budget) {
    try {
      return database.inMemory(key, new RecordReader(buffer, budget));
    } catch (Throwable e) {
      return failed(shard, e);
    }
  }

  @Override
  public boolean areFast() {
    return readers.areFast();
  }

  @Override
  public void fetch(int shard, Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
    readers.begin(
        () -> database.get(key, RecordReader.with(budget)),
        new Reader<>() {
          @Override
          public void found(Lookup found) {
            then.accept(found);
          }

          @Override
          public void failed(Throwable e) {
            then.accept(EntryReads.this.failed(shard, e));
          }
        });
  }

  /** Reads for no single shard, and waits for what is found. */
  <T> T await(Reading<T> reading) {
    return readers.await(reading, e -> failure(ShardFailure.NO_SHARD, e));
  }

  /** The number of reads that have met damage. */
  long corruptions() {
    return corruptions.get();
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
    if (mayLog(lastErrorLogged)) {
      log.error("{}: a read failed by an error of the server", where(shard), e);
    }
    return StoreUnavailable.ofRead(shard, WriteFailure.OF_SERVER, RETRY_SOON);
  }

  private ShardFailure failure(int shard, RocksDBException e) {
    String cause = String.valueOf(e.getMessage());
    if (WriteFailure.isDamage(e)) {
      long met = corruptions.incrementAndGet();
      if (mayLog(lastDamageLogged)) {
        log.error("{}: an entry can't be read ({} so far): {}", where(shard), met, cause);
      }
      return new Corrupt(shard, cause);
    }
    return StoreUnavailable.ofRead(shard, cause, RETRY_SOON);
  }

  /** One damaged block, or too little memory, may be met a thousand times a second. */
  private static boolean mayLog(AtomicLong last) {
    long now = System.nanoTime();
    long before = last.get();
    return (before == 0 || now - before > NANOS_BETWEEN_MESSAGES)
        && last.compareAndSet(before, now);
  }

  private static String where(int shard) {
    return shard == ShardFailure.NO_SHARD ? "A listing" : "Shard " + shard;
  }

  @Override
  public void close() {
    readers.close();
  }
}
