package bench.app;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;

/**
 * Fills a data directory with a given number of small entries, without a server: {@code key:<12
 * digits>} in scattered order, each with 100 random bytes.
 *
 * <p>Threads: confined to the main thread, except for the callbacks of the engine.
 */
final class Fill {

  private static final int BATCH = 1_000;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** A number without a common factor with a power of ten: visits all keys, far apart. */
  private static final long STRIDE = 7_919;

  private Fill() {}

  /** The arguments are the directory and the number of entries. */
  public static void main(String[] args) throws InterruptedException {
    long entries = Long.parseLong(args[1]);
    SplittableRandom random = new SplittableRandom(1);
    Semaphore underWay = new Semaphore(4);
    try (StorageEngine engine = RocksDbEngines.open(Path.of(args[0]))) {
      ShardStore store = engine.open(0, 1);
      for (long i = 0; i < entries; i += BATCH) {
        underWay.acquire();
        store.submit(0, batch(store, i, Math.min(entries, i + BATCH), entries, random, underWay));
      }
      underWay.acquire(4);
    }
  }

  private static Batch batch(
      ShardStore store,
      long from,
      long to,
      long entries,
      SplittableRandom random,
      Semaphore underWay) {
    List<Write> writes = new ArrayList<>();
    Revision revision = store.revision();
    for (long i = from; i < to; i++) {
      revision = revision.next();
      byte[] bytes = new byte[100];
      random.nextBytes(bytes);
      Key key = Key.of("key:%012d".formatted(i * STRIDE % entries));
      Value value = new Value(bytes, Value.DEFAULT_CONTENT_TYPE);
      writes.add(new Write(null, new Change.Put(new Entry(key, value, revision, NOW, null))));
    }
    return new Batch() {
      @Override
      public List<Write> writes() {
        return writes;
      }

      @Override
      public void accepted() {}

      @Override
      public void committed() {
        underWay.release();
      }

      @Override
      public void failed(ShardFailure failure) {
        throw failure;
      }

      @Override
      public void uncertain() {}
    };
  }
}
