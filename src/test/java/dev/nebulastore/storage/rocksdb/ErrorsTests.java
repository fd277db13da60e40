package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static dev.nebulastore.storage.Submission.latest;
import static dev.nebulastore.storage.Submission.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.BatchOf;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is thrown on a thread of the engine, each call is completed exactly once, no
 * acknowledged write is lost, and the engine serves again (invariant 12).
 */
class ErrorsTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Key A = Key.of("a");

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private FaultyDatabase database;

  @SuppressWarnings("NullAway.Init")
  private RocksDbEngine engine;

  @SuppressWarnings("NullAway.Init")
  private Entry old;

  private ShardStore open(Sync sync) throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    engine = new RocksDbEngine(directory, database, RocksDbEngines.properties(sync, false));
    ShardStore store = engine.open(0, 1);
    Change.Put first = put(store, "a", "old");
    commit(store, first);
    old = first.entry();
    return store;
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static Change.Put put(ShardStore store, String key, String value) {
    Value bytes = new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain");
    return new Change.Put(new Entry(Key.of(key), bytes, store.revision().next(), NOW, null));
  }

  private static void assertFails(Submission batch, Applied applied) {
    assertThatThrownBy(batch::await)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            StoreUnavailable.class, e -> assertThat(e.applied()).isEqualTo(applied));
  }

  private void assertServes(ShardStore store) {
    await().until(() -> engine.condition().state() == State.WRITABLE);
    await().untilAsserted(() -> commit(store, put(store, "a", "new")));
    Entry now = Objects.requireNonNull(committed(store, A));
    assertThat(now.value().bytes()).isEqualTo("new".getBytes(StandardCharsets.UTF_8));
    assertThat(store.unsettled()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void writeThatThrowsIsUnknownAndTheStoreComesBack(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    database.throwBeforeWriting(what);
    database.failReopening(true);
    Submission inFlight = submit(store, put(store, "a", "lost"));
    hold.awaitReached();
    Submission queued = submit(store, put(store, "b", "1"));
    hold.release();
    assertFails(inFlight, Applied.UNKNOWN);
    assertFails(queued, Applied.NO);
    assertThat(engine.condition().state()).as("health").isEqualTo(State.READABLE);
    assertThat(committed(store, A)).isEqualTo(old);
    assertThat(inFlight.isUncertain()).isFalse();
    database.failReopening(false);
    inFlight.awaitUncertain();
    assertServes(store);
  }

  @ParameterizedTest
  @EnumSource
  void writeThatThrowsWhenItIsDoneIsThereAfterwards(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    database.throwAfterWriting(what);
    Submission inFlight = submit(store, put(store, "b", "1"));
    assertFails(inFlight, Applied.UNKNOWN);
    inFlight.awaitUncertain();
    assertThat(committed(store, Key.of("b"))).isNotNull();
    assertServes(store);
  }

  @ParameterizedTest
  @EnumSource
  void syncThatThrowsIsAFailedSync(Thrown what) throws Exception {
    ShardStore store = open(Sync.INTERVAL);
    database.throwAtSync(what);
    commit(store, put(store, "b", "1"));
    await().until(() -> database.reopened.get() == 1);
    assertThat(committed(store, Key.of("b"))).isNotNull();
    assertServes(store);
  }

  @ParameterizedTest
  @EnumSource
  void reopeningThatThrowsIsTriedAgain(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    database.throwAtReopening(what);
    database.throwBeforeWriting(what);
    assertFails(submit(store, put(store, "a", "lost")), Applied.UNKNOWN);
    assertServes(store);
    assertThat(database.reopened).hasValue(1);
  }

  /** Like an Error of a shard's listener or caller. */
  private static Batch failing(Submission batch, Thrown what) {
    return new Batch() {
      @Override
      public List<Write> writes() {
        return batch.writes();
      }

      @Override
      public void accepted() {
        batch.accepted();
      }

      @Override
      public void committed() {
        batch.committed();
        what.now();
      }

      @Override
      public void failed(ShardFailure failure) {
        batch.failed(failure);
        what.now();
      }

      @Override
      public void uncertain() {
        batch.uncertain();
        what.now();
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void batchThatThrowsWhenItIsToldCostsNoOther(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    submit(store, put(store, "0", "0"));
    hold.awaitReached();
    Submission first = Submission.of(store, List.of(put(store, "b", "1")));
    store.submit(store.lossEpoch(), failing(first, what));
    Submission second = submit(store, put(store, "c", "1"));
    hold.release();
    first.await();
    second.await();
    assertThat(committed(store, Key.of("b"))).isNotNull();

    database.throwBeforeWriting(what);
    Submission lost = Submission.of(store, List.of(put(store, "d", "1")));
    Submission other = Submission.of(engine.open(1, 1), List.of());
    store.submit(store.lossEpoch(), failing(lost, what));
    assertFails(lost, Applied.UNKNOWN);
    lost.awaitUncertain();
    assertServes(store);
    assertThat(other.isSettled()).isFalse();
  }

  /** As if memory were short: the second write can't be added to those in flight. */
  @Test
  void aBatchThatCantBeAcceptedLeavesNothingBehind() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    ShardStore other = engine.open(1, 1);
    Hold hold = database.holdBeforeWrite();
    Change.Put before = put(store, "a", "before");
    Submission inFlight = submit(store, before);
    hold.awaitReached();
    Submission good = Submission.of(store, List.of(put(store, "a", "phantom")));
    Submission phantom = Submission.of(other, List.of(put(other, "0", "phantom")));
    List<Write> broken = new ArrayList<>(phantom.writes());
    broken.addAll(Arrays.asList(new Write[1]));
    Batch bad = new BatchOf(broken, phantom);
    List<Part> parts =
        List.of(new Part(store, store.lossEpoch(), good), new Part(other, other.lossEpoch(), bad));
    assertThatThrownBy(() -> engine.submit(parts)).isInstanceOf(NullPointerException.class);
    assertThat(good.isAccepted()).isFalse();
    assertThat(phantom.isAccepted()).isFalse();
    assertThat(latest(store, A)).isEqualTo(before.entry());
    assertThat(latest(other, Key.of("0"))).isNull();
    assertThat(store.unsettled()).isEqualTo(1);
    assertThat(other.unsettled()).isZero();
    hold.release();
    inFlight.await();
    assertThat(database.writes.get()).isPositive();
    assertServes(store);
  }

  @ParameterizedTest
  @EnumSource
  void readThatThrowsIsAnswered(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    database.throwAtReading(what);
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Lookup> found = new CompletableFuture<>();
      store.fetch(A, null, found::complete);
      assertThat(found.orTimeout(1, TimeUnit.MINUTES).join()).isInstanceOf(Lookup.Failed.class);
    }
    assertThatThrownBy(() -> engine.scan(KeyRange.ALL, NOW, 10))
        .isInstanceOf(StoreUnavailable.class);
    assertThatThrownBy(() -> engine.expired(NOW, null, 10)).isInstanceOf(StoreUnavailable.class);
    database.throwAtReading(null);
    assertThat(Submission.fetched(store, A)).isEqualTo(old);
    assertServes(store);
  }

  /** More often than there are reader threads. */
  @ParameterizedTest
  @EnumSource
  void readerWhoThrowsCostsNoThread(Thrown what) throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    for (int i = 0; i < 10; i++) {
      store.fetch(A, null, _ -> what.now());
    }
    assertThat(Submission.fetched(store, A)).isEqualTo(old);
  }

  @Test
  void fetchAfterTheEndIsAnswered() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    engine.close();
    CompletableFuture<Lookup> found = new CompletableFuture<>();
    store.fetch(A, null, found::complete);
    assertThat(found.orTimeout(1, TimeUnit.MINUTES).join()).isInstanceOf(Lookup.Failed.class);
  }
}
