package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Purse;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The heap that values of entries take is counted before it is allocated. */
class LargeValuesTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Key KEY = Key.of("large");
  private static final int SIZE = 100_000;

  /** Its size, including the head of a record: two flags, revision, time, and a media type. */
  private static final int RECORD = SIZE + 18 + 4 + 10;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private FaultyDatabase database;

  @SuppressWarnings("NullAway.Init")
  private RocksDbEngine engine;

  @SuppressWarnings("NullAway.Init")
  private ShardStore store;

  private Hold hold = new Hold();

  @BeforeEach
  void open() throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    engine = new RocksDbEngine(directory, database, RocksDbEngines.properties(Sync.ALWAYS, false));
    store = engine.open(0, 1);
    commit(store, put(SIZE, 1));
  }

  @AfterEach
  void close() {
    hold.release();
    engine.close();
  }

  private Change put(int size, int content) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) content);
    Value value = new Value(bytes, "text/plain");
    return new Change.Put(new Entry(KEY, value, store.revision().next(), NOW, null));
  }

  private Change delete() {
    return new Change.Delete(KEY, store.revision().next(), NOW);
  }

  private Lookup fetched(@Nullable ContentBudget budget) {
    CompletableFuture<Lookup> found = new CompletableFuture<>();
    store.fetch(KEY, budget, found::complete);
    return found.orTimeout(1, TimeUnit.MINUTES).join();
  }

  /** From memory, if the key is known there. */
  private Lookup found(@Nullable ContentBudget budget) {
    Lookup found = store.committed(KEY, budget);
    return found instanceof Lookup.OnDisk ? fetched(budget) : found;
  }

  private static Value value(Lookup lookup) {
    if (lookup instanceof Lookup.Known(Entry entry) && entry != null) {
      return entry.value();
    }
    throw new AssertionError(lookup);
  }

  /** Checked by both ways of reading. */
  private void assertShows(int size, int content) {
    for (Lookup lookup : List.of(found(new Purse()), fetched(new Purse()))) {
      assertThat(value(lookup).bytes()).hasSize(size).containsOnly(content);
    }
    for (Lookup lookup : List.of(found(null), fetched(null))) {
      assertThat(value(lookup)).isEqualTo(Value.unread(size, "text/plain"));
    }
  }

  @Test
  void readsTheValueOnlyWithABudget() {
    assertShows(SIZE, 1);
  }

  @Test
  void reservesMemoryBeforeReading() {
    for (boolean fetches : new boolean[] {false, true}) {
      Purse purse = new Purse();
      var _ = value(fetches ? fetched(purse) : store.committed(KEY, purse)).bytes();
      assertThat(purse.log()).containsExactly("reserve 2 x " + RECORD, "keep 1 of 2 x " + RECORD);
    }
  }

  @Test
  void doesNotReadWithoutRoom() {
    Purse purse = new Purse().empty();
    assertThat(store.committed(KEY, purse))
        .isInstanceOfSatisfying(
            Lookup.Failed.class,
            failed -> assertThat(failed.failure()).isInstanceOf(NoMemory.class));
    assertThat(purse.log()).hasSize(1);
  }

  @Test
  void dropsTheValueIfTheRequestHasEnded() {
    assertThat(fetched(new Purse().closed())).isInstanceOf(Lookup.Failed.class);
  }

  @Test
  void smallValuesAreReadAtOnce() {
    commit(store, put(ContentBudget.SMALL, 2));
    Purse purse = new Purse();
    assertThat(value(store.committed(KEY, purse)).bytes()).hasSize(ContentBudget.SMALL);
    assertThat(value(store.committed(KEY, null)).isRead()).isTrue();
    assertThat(purse.log()).isEmpty();
  }

  @Test
  void writesDoNotKeepWhatTheyReplace() {
    for (Change change : List.of(put(1, 1), delete())) {
      Write write = Submission.of(store, List.of(change)).writes().getFirst();
      assertThat(write.before())
          .extracting(Entry::value)
          .isEqualTo(Value.unread(SIZE, "text/plain"));
    }
  }

  @Test
  void aReplacedValueIsReadUntilTheNextIsCommitted() {
    hold = database.holdBeforeSafe();
    Submission change = submit(store, put(2 * SIZE, 2));
    hold.awaitReached();
    assertShows(SIZE, 1);
    hold.release();
    change.await();
    assertShows(2 * SIZE, 2);
  }

  @Test
  void aDeletedValueIsReadUntilTheDeleteIsCommitted() {
    hold = database.holdBeforeSafe();
    Submission change = submit(store, delete());
    hold.awaitReached();
    assertShows(SIZE, 1);
    hold.release();
    change.await();
    assertThat(store.committed(KEY, null)).isEqualTo(Lookup.NOTHING);
  }

  /** Also from the reopened database, which has its own snapshots. */
  @Test
  void aReplacedValueIsReadIfTheNextMayBeLost() {
    database.failReopening(true);
    database.failNextSafety();
    assertThatThrownBy(submit(store, put(2 * SIZE, 2))::await)
        .isInstanceOf(CompletionException.class);
    assertShows(SIZE, 1);
    database.failReopening(false);
    await().until(() -> engine.condition().state() == State.WRITABLE);
    assertShows(2 * SIZE, 2);
    commit(store, put(3 * SIZE, 3));
    assertShows(3 * SIZE, 3);
  }

  @Test
  void valuesThatWaitForTheDiskAreBounded() {
    InFlightWrites inFlight = new InFlightWrites(SIZE + 1);
    List<Write> one = List.of(new Write(null, put(SIZE, 1)));
    List<Write> small = List.of(new Write(null, put(ContentBudget.SMALL, 1)));
    inFlight.add(List.of(part(one), part(small)));
    assertThat(inFlight.isBacklogged()).isFalse();
    inFlight.add(List.of(part(one)));
    assertThat(inFlight.isBacklogged()).isTrue();
    inFlight.release(small);
    assertThat(inFlight.isBacklogged()).isTrue();
    inFlight.release(one);
    assertThat(inFlight.isBacklogged()).isFalse();
  }

  @Test
  void aFullBacklogStopsDecisions() {
    assertThat(store.isBacklogged()).isFalse();
    hold = database.holdBeforeWrite();
    int most = (int) (Runtime.getRuntime().maxMemory() / GroupCommit.BACKLOG_SHARE);
    Submission change = submit(store, put(most, 2));
    assertThat(store.isBacklogged()).isTrue();
    hold.release();
    change.await();
    assertThat(store.isBacklogged()).isFalse();
  }

  /** The size of its content makes the group full. */
  @Test
  void deletesCountInAGroup() {
    CommitGroup group = new CommitGroup();
    byte[] value = new byte[ContentBudget.SMALL];
    for (int i = 0; i < 2_100; i++) {
      Entry before =
          new Entry(Key.of("k" + i), new Value(value, "text/plain"), new Revision(i), NOW, null);
      Change change = new Change.Delete(before.key(), new Revision(i + 1), NOW);
      group.prepare(List.of(accepted(List.of(new Write(before, change)))));
    }
    assertThat(group.isFull()).isTrue();
  }

  private AcceptedBatch accepted(List<Write> writes) {
    RocksDbShard shard = new RocksDbShard(0, new InFlightWrites(SIZE), new Revision(0));
    return new AcceptedBatch(shard, Submission.of(writes));
  }

  private Part part(List<Write> writes) {
    return new Part(store, 0, Submission.of(writes));
  }
}
