package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static dev.nebulastore.storage.Submission.fetched;
import static dev.nebulastore.storage.Submission.submit;
import static dev.nebulastore.storage.rocksdb.EntryCodec.encode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After RocksDB shows a group and before it is known to be durable, no read returns it: it may
 * still be lost.
 */
class InFlightGroupTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private FaultyDatabase database;

  @SuppressWarnings("NullAway.Init")
  private RocksDbEngine engine;

  @SuppressWarnings("NullAway.Init")
  private ShardStore store;

  private Hold hold = new Hold();

  /** One key to overwrite, one to delete, one that expires, and one that stays unchanged. */
  @BeforeEach
  void open() throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    engine = new RocksDbEngine(directory, database, RocksDbEngines.properties(Sync.ALWAYS, false));
    store = engine.open(0, 1);
    commit(store, List.of(put("changed", 1, null), put("deleted", 2, null)));
    commit(store, List.of(put("expired", 3, NOW), put("rests", 4, null)));
  }

  @AfterEach
  void close() {
    hold.release();
    engine.close();
  }

  /** The number is the size of the value, and the difference to the current revision. */
  private Change put(String key, int number, @Nullable Instant expires) {
    Revision revision = new Revision(store.revision().number() + number);
    Value value = new Value(new byte[number], "text/plain");
    return new Change.Put(new Entry(Key.of(key), value, revision, NOW, expires));
  }

  private Submission change() {
    Revision last = new Revision(store.revision().number() + 14);
    return submit(
        store,
        put("changed", 10, null),
        put("changed", 11, null),
        put("expired", 12, null),
        put("new", 13, null),
        new Change.Delete(Key.of("deleted"), last, NOW));
  }

  private List<String> listed(int limit) {
    List<String> listed = new ArrayList<>();
    for (KeyRange rest = KeyRange.ALL; rest != null; ) {
      ScanPage page = engine.scan(rest, NOW, limit);
      assertThat(page.found()).hasSizeLessThanOrEqualTo(limit);
      page.found().stream().map(InFlightGroupTests::describe).forEach(listed::add);
      rest = page.rest();
    }
    return listed;
  }

  private static String describe(EntryMetadata summary) {
    return summary.key() + " " + summary.size();
  }

  /** The value sizes of all visible keys, by each way of reading. */
  private void assertShows(String... entries) {
    for (String key : List.of("changed", "deleted", "new", "rests")) {
      Entry seen = committed(store, Key.of(key));
      assertThat(seen).isEqualTo(fetched(store, Key.of(key)));
      if (seen == null) {
        assertThat(entries).noneMatch(entry -> entry.startsWith(key));
      } else {
        assertThat(entries).contains(describe(EntryMetadata.of(seen)));
      }
    }
    for (int limit = 1; limit <= 6; limit++) {
      assertThat(listed(limit)).as("scans with limit %d", limit).containsExactly(entries);
    }
  }

  private void assertShowsWhatWasBefore() {
    assertShows("changed 1", "deleted 2", "rests 4");
    assertThat(committed(store, Key.of("expired"))).extracting(Entry::expires).isEqualTo(NOW);
  }

  private void assertShowsTheChange() {
    assertShows("changed 11", "expired 12", "new 13", "rests 4");
  }

  @Test
  void isNotReadUntilItIsCommitted() {
    hold = database.holdBeforeSafe();
    Submission change = change();
    hold.awaitReached();
    assertShowsWhatWasBefore();
    hold.release();
    change.await();
    assertShowsTheChange();
  }

  /** Keys after its end are left to the next scan. */
  @Test
  void isNotFoundTwiceByAScanThatEndsEarly() {
    List<Change> expired = new ArrayList<>();
    for (int i = 1; i <= StorageEngine.MAX_PASSED; i++) {
      expired.add(put("a%05d".formatted(i), i, NOW));
    }
    commit(store, expired);
    hold = database.holdBeforeSafe();
    Submission change = submit(store, put("a00001", 10, null), put("changed", 11, null));
    hold.awaitReached();
    assertThat(engine.scan(KeyRange.ALL, NOW, 10).found()).isEmpty();
    assertThat(listed(10)).containsExactly("changed 1", "deleted 2", "rests 4");
    hold.release();
    change.await();
  }

  /** So that entries that were written together are found together. */
  @Test
  void aScanRestartsIfAGroupBeginsOrEndsMeanwhile() throws Exception {
    try (OpenDatabase open = openAnother()) {
      Entry entry = ((Change.Put) put("late", 1, null)).entry();
      Iterator<CommitGroup> first = List.of(new CommitGroup()).iterator();
      CommitGroup next = new CommitGroup();
      Supplier<CommitGroup> inFlight =
          () -> {
            if (first.hasNext()) {
              return first.next();
            }
            assertThatCode(() -> open.db.put(open.entries, entry.key().utf8(), encode(entry)))
                .doesNotThrowAnyException();
            return next;
          };
      ScanPage found = new Scan(KeyRange.ALL, NOW, 10).through(open, inFlight);
      assertThat(found.found()).containsExactly(EntryMetadata.of(entry));
    }
  }

  @Test
  void aScanEndsAlthoughGroupsKeepBeginning() throws Exception {
    try (OpenDatabase open = openAnother()) {
      assertThat(new Scan(KeyRange.ALL, NOW, 10).through(open, CommitGroup::new).found()).isEmpty();
    }
  }

  private OpenDatabase openAnother() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    return OpenDatabase.open(new Setup(other, 16 << 20, 4 << 20), true);
  }

  /** After the reopening, the content of the disk counts; here, all of it. */
  @Test
  void isNotReadAfterAFailureUntilTheDatabaseIsReopened() {
    database.failReopening(true);
    database.failNextSafety();
    Submission change = change();
    assertThatThrownBy(change::await).isInstanceOf(CompletionException.class);
    assertThat(engine.condition().state()).isEqualTo(State.READABLE);
    assertShowsWhatWasBefore();
    database.failReopening(false);
    await().until(() -> engine.condition().state() == State.WRITABLE);
    assertShowsTheChange();
  }
}
