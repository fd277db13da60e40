package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.FlushOptions;
import org.rocksdb.PerfContext;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The cost of a scan where many keys were deleted, in keys that it skips, and its results. */
class TombstoneBoundTests {

  private static final int KEYS = 120_000;

  /** One step, all steps until the count is read, and the check of where the scan ended. */
  private static final long MOST = 6L * TombstoneBound.SKIPPED;

  private static final Instant NOW = RocksDbEngines.START;

  @TempDir private Path folder;
  private OpenDatabase open;

  @BeforeEach
  void open() throws RocksDBException {
    TestLibrary.load();
    open = OpenDatabase.open(new Setup(folder.resolve("db"), 64 << 20, 32 << 20), false);
  }

  @AfterEach
  void close() {
    open.close();
  }

  private static Key key(int i) {
    return Key.of("key-%06d".formatted(i));
  }

  private static Expiry expiry(int i) {
    return new Expiry(NOW.minusSeconds(KEYS).plusSeconds(i), key(i));
  }

  /** Writes all keys and their expiries, then deletes those that do not stay. */
  private void deleteAllBut(IntPredicate stays, boolean flush) throws RocksDBException {
    write((batch, i) -> {
      Value value = new Value(new byte[1], "text/plain");
      Entry entry = new Entry(key(i), value, new Revision(i + 1), NOW, null);
      batch.put(open.entries, key(i).utf8(), EntryCodec.encode(entry));
      batch.put(open.expiries, EntryCodec.encode(expiry(i)), new byte[0]);
    });
    flush();
    write((batch, i) -> {
      if (!stays.test(i)) {
        batch.delete(open.entries, key(i).utf8());
        batch.delete(open.expiries, EntryCodec.encode(expiry(i)));
      }
    });
    if (flush) {
      flush();
    }
  }

  private interface Writing {
    void write(WriteBatch batch, int i) throws RocksDBException;
  }

  private void write(Writing writing) throws RocksDBException {
    for (int from = 0; from < KEYS; from += 1_000) {
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = from; i < from + 1_000; i++) {
          writing.write(batch, i);
        }
        open.db.write(open.unsynced, batch);
      }
    }
  }

  private void flush() throws RocksDBException {
    try (FlushOptions options = new FlushOptions()) {
      open.db.flush(options, List.of(open.entries, open.expiries));
    }
  }

  private long skipped() {
    PerfContext counters = open.db.getPerfContext();
    return counters.getInternalDeleteSkippedCount() + counters.getInternalKeySkippedCount();
  }

  private record Looked(List<Key> found, int looks) {}

  /** Scans everything. Each scan stays within its bound and advances. */
  private Looked lookThrough(int limit) throws RocksDBException {
    List<Key> found = new ArrayList<>();
    int looks = 0;
    for (KeyRange rest = KeyRange.ALL; rest != null; looks++) {
      long before = skipped();
      ScanPage page = new Scan(rest, NOW, limit).through(open, CommitGroup::new);
      assertThat(skipped() - before).as("skipped by a scan").isLessThanOrEqualTo(MOST);
      assertThat(page.rest()).isNotEqualTo(rest);
      page.found().stream().map(EntryMetadata::key).forEach(found::add);
      rest = page.rest();
    }
    return new Looked(found, looks);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLookOverDeletedKeysIsBoundedAndMakesProgress(boolean inTables) throws RocksDBException {
    deleteAllBut(i -> i == KEYS - 1, inTables);
    Looked looked = lookThrough(100);
    assertThat(looked.found()).containsExactly(key(KEYS - 1));
    assertThat(looked.looks()).isBetween(KEYS / TombstoneBound.SKIPPED / 2, 40);
  }

  @Test
  void deletedKeysBetweenOthersAreBoundedInTotal() throws RocksDBException {
    IntPredicate stays = i -> i % 5_000 == 4_999 || i < 10;
    deleteAllBut(stays, true);
    Looked looked = lookThrough(100);
    assertThat(looked.found())
        .isEqualTo(
            IntStream.range(0, KEYS).filter(stays).mapToObj(TombstoneBoundTests::key).toList());
    assertThat(looked.looks()).isGreaterThan(2);
  }

  @Test
  void existingKeysAreFoundInOneScan() throws RocksDBException {
    deleteAllBut(i -> i < 1_000, false);
    ScanPage page = new Scan(KeyRange.ALL, NOW, 500).through(open, CommitGroup::new);
    assertThat(page.found()).hasSize(500);
  }

  /** A scan up to an end among the deleted keys ends there. */
  @Test
  void aRangeOfOnlyDeletedKeysEnds() throws RocksDBException {
    deleteAllBut(i -> i >= KEYS / 2, false);
    KeyRange range = new KeyRange(key(0).utf8(), key(KEYS / 2).utf8());
    int looks = 0;
    for (KeyRange rest = range; rest != null; looks++) {
      ScanPage page = new Scan(rest, NOW, 10).through(open, CommitGroup::new);
      assertThat(page.found()).isEmpty();
      rest = page.rest();
    }
    assertThat(looks).isBetween(2, 20);
  }

  @Test
  void expiriesAreScannedInBoundedSteps() throws Exception {
    deleteAllBut(i -> i >= KEYS - 3, true);
    open.close();
    try (Database database = new Database(new Setup(folder.resolve("db"), 64 << 20, 32 << 20))) {
      List<Expiry> found = new ArrayList<>();
      int looks = 0;
      for (byte[] rest = EntryCodec.encode(Instant.EPOCH); rest != null; looks++) {
        ExpiryScan.Due due = database.expiries(new ExpiryScan(rest, NOW.minusSeconds(2), 100));
        found.addAll(due.found());
        rest = due.rest();
      }
      assertThat(found).containsExactly(expiry(KEYS - 3), expiry(KEYS - 2));
      assertThat(looks).isGreaterThan(3);
    }
    open = OpenDatabase.open(new Setup(folder.resolve("db"), 64 << 20, 32 << 20), true);
  }
}
