package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableProperties;
import org.rocksdb.WriteBatch;

/**
 * A read finds the index and the filter that it needs in the cache, however large the tables are.
 */
class BlockCacheTests {

  /** Their filter takes 750 KB, and their index the same. */
  private static final int KEYS = 600_000;

  private static final int READ = 500;

  /** In scattered order, so that the tables overlap and are compacted into one. */
  private static final long STRIDE = 7_919;

  @TempDir private Path folder;
  private OpenDatabase open;

  @BeforeEach
  void fill() throws RocksDBException {
    TestLibrary.load();
    open = OpenDatabase.open(new Setup(folder.resolve("db"), 16 << 20, 4 << 20), true);
    for (int from = 0; from < KEYS; from += 10_000) {
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = from; i < from + 10_000; i++) {
          batch.put(open.entries, key((int) (i * STRIDE % KEYS)), new byte[20]);
        }
        open.db.write(open.unsynced, batch);
      }
    }
    try (FlushOptions options = new FlushOptions()) {
      open.db.flush(options, open.entries);
    }
    open.db.compactRange(open.entries);
  }

  @AfterEach
  void close() {
    open.close();
  }

  private static byte[] key(int i) {
    return ByteBuffer.allocate(20).putInt(i).array();
  }

  /** Reads some keys that are far apart, and the same number of absent ones. */
  private void read() throws RocksDBException {
    for (int i = 0; i < READ; i++) {
      int at = i * (KEYS / READ);
      assertThat(open.db.get(open.entries, open.anywhere, key(at))).isNotNull();
      assertThat(open.db.get(open.entries, open.anywhere, new byte[] {0, 0, 1})).isNull();
    }
  }

  @Test
  void aSecondReadOfTheSameKeysReadsNothingFromDisk() throws RocksDBException {
    read();
    long before = open.db.getPerfContext().getBlockReadCount();
    read();
    assertThat(open.db.getPerfContext().getBlockReadCount() - before).isZero();
  }

  /** Any part of a table may be cached: parts of its index, of its filter, of its entries. */
  @Test
  void memoryAnswersRightlyOrNotAtAll() throws RocksDBException {
    int entries = 100_000;
    for (int i = 0; i < entries; i++) {
      Value value = new Value(new byte[20], "text/plain");
      Entry entry = new Entry(numbered(i), value, new Revision(i + 1), RocksDbEngines.START, null);
      open.db.put(open.entries, open.unsynced, entry.key().utf8(), EntryCodec.encode(entry));
    }
    open.close();
    Setup small = new Setup(folder.resolve("db"), 8 << 20, 4 << 20);
    Random random = new Random(20_261_129);
    int known = 0;
    RecordReader reader = RecordReader.with(null);
    try (Database database = new Database(small)) {
      for (int round = 0; round < 50_000; round++) {
        int at = random.nextInt(entries);
        Lookup found = database.inMemory(numbered(at), reader);
        if (found instanceof Lookup.Known(Entry entry)) {
          assertThat(entry).isNotNull();
          known++;
        } else {
          assertThat(found).isEqualTo(Lookup.OnDisk.INSTANCE);
        }
        if (round % 10 == 0) {
          assertThat(database.get(numbered(at), reader)).isInstanceOf(Lookup.Known.class);
        }
      }
    }
    assertThat(known).isPositive();
    open = OpenDatabase.open(small, true);
  }

  private static Key numbered(int i) {
    return Key.of("key-%06d".formatted(i));
  }

  @Test
  void indexesAndFiltersAreInParts() throws RocksDBException {
    TableProperties table =
        open.db.getPropertiesOfAllTables(open.entries).values().iterator().next();
    assertThat(table.getIndexPartitions()).isGreaterThan(5);
    assertThat(table.getTopLevelIndexSize()).isLessThan(table.getIndexSize() / 10);
    assertThat(table.getFilterSize()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"8, 0", "16, 0", "63, 0", "64, 1", "128, 2", "1024, 5", "1000000, 6"})
  void noPartOfTheCacheIsTooSmallForAWholeFilter(long megabytes, int bits) {
    assertThat(OpenDatabase.shardBits(megabytes << 20)).isEqualTo(bits);
  }
}
