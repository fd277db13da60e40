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
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.ShardStore.FencedException;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Status;

class CommitterTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Key A = Key.of("a");

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private FaultyDatabase database;

  @SuppressWarnings("NullAway.Init")
  private RocksDbEngine engine;

  private ShardStore open(Sync sync) throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    engine = new RocksDbEngine(directory, database, RocksDbEngines.properties(sync, false));
    // Writes of the engine itself, on its first start, do not count.
    database.writes.set(0);
    database.syncs.set(0);
    return engine.open(0, 1);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static Change put(ShardStore store, String key, String value) {
    return put(store.revision().next(), key, value);
  }

  private static Change put(Revision revision, String key, String value) {
    Value bytes = new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain");
    return new Change.Put(new Entry(Key.of(key), bytes, revision, NOW, null));
  }

  private static void assertFails(
      Submission batch, Class<? extends ShardFailure> how, Applied applied) {
    assertThatThrownBy(batch::await)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(how, e -> assertThat(e.applied()).isEqualTo(applied));
  }

  private void awaitWritable() {
    await().until(() -> engine.condition().state() == State.WRITABLE);
  }

  @Test
  void waitingBatchesOfAllShardsShareTheNextGroup() throws Exception {
    ShardStore one = open(Sync.ALWAYS);
    ShardStore two = engine.open(1, 1);
    Hold hold = database.holdBeforeWrite();
    Submission first = submit(one, put(one, "a", "1"));
    hold.awaitReached();
    List<Submission> waiting =
        List.of(
            submit(one, put(one, "b", "1")),
            submit(two, put(two, "c", "1")),
            submit(one, put(one, "b", "2")));
    assertThat(first.isSettled()).isFalse();
    hold.release();
    first.await();
    waiting.forEach(Submission::await);
    assertThat(database.writes).hasValue(2);
    assertThat(database.syncs).hasValue(2);
  }

  /** So that watchers, which were not notified of the change, read again. */
  @Test
  void aFailedGroupIsUncertainUntilTheDatabaseIsReopened() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    database.failNextWrite(Status.SubCode.None);
    Submission inFlight = submit(store, put(store, "a", "1"));
    hold.awaitReached();
    Submission later = submit(store, put(store, "b", "1"));
    hold.release();
    assertFails(inFlight, StoreUnavailable.class, Applied.UNKNOWN);
    inFlight.awaitUncertain();
    assertThat(database.reopened).hasPositiveValue();
    awaitWritable();
    submit(store, put(store, "c", "1")).await();
    assertThat(later.isUncertain()).isFalse();
  }

  @Test
  void aCommitOfSeveralShardsIsOneBatchOnDisk() throws Exception {
    ShardStore one = open(Sync.ALWAYS);
    ShardStore two = engine.open(1, 1);
    database.failNextWrite(Status.SubCode.None);
    List<Submission> lost = submitTogether(one, two);
    lost.forEach(part -> assertFails(part, StoreUnavailable.class, Applied.UNKNOWN));
    awaitWritable();
    int before = database.writes.get();
    submitTogether(one, two).forEach(Submission::await);
    assertThat(database.writes).hasValue(before + 1);
  }

  /**
   * However full a group is: it ends before or after a commit of several shards, never within it.
   */
  @Test
  void aCommitOfSeveralShardsIsNeverSplit() throws Exception {
    ShardStore one = open(Sync.ALWAYS);
    ShardStore two = engine.open(1, 1);
    Revision revision = one.revision();
    List<Change> many = new ArrayList<>();
    for (int i = 0; i < 4_096; i++) {
      revision = revision.next();
      many.add(put(revision, "k", Integer.toString(i)));
    }
    Submission first = Submission.of(one, many);
    Submission second = Submission.of(two, List.of(put(two, "b", "1")));
    engine.submit(
        List.of(new Part(one, one.lossEpoch(), first), new Part(two, two.lossEpoch(), second)));
    second.await();
    assertThat(database.writes).hasValue(1);
  }

  /** The second part was decided on top of a lost write. */
  @Test
  void aCommitIsRefusedIfOnePartIsOnALostWrite() throws Exception {
    ShardStore one = open(Sync.ALWAYS);
    ShardStore two = engine.open(1, 1);
    long known = two.lossEpoch();
    database.failNextWrite(Status.SubCode.None);
    assertFails(submit(two, put(two, "b", "lost")), StoreUnavailable.class, Applied.UNKNOWN);
    awaitWritable();
    Submission good = Submission.of(one, List.of(put(one, "a", "1")));
    Submission stale = Submission.of(two, List.of(put(two, "b", "2")));
    engine.submit(List.of(new Part(one, one.lossEpoch(), good), new Part(two, known, stale)));
    assertFails(good, StoreUnavailable.class, Applied.NO);
    assertFails(stale, StoreUnavailable.class, Applied.NO);
    assertThat(committed(one, A)).isNull();
  }

  private List<Submission> submitTogether(ShardStore one, ShardStore two) {
    Submission first = Submission.of(one, List.of(put(one, "a", "1")));
    Submission second = Submission.of(two, List.of(put(two, "b", "1")));
    engine.submit(
        List.of(new Part(one, one.lossEpoch(), first), new Part(two, two.lossEpoch(), second)));
    return List.of(first, second);
  }

  @Test
  void readsSeeOnlyCommittedWritesDuringAWrite() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    commit(store, put(store, "a", "old"));
    Hold hold = database.holdBeforeWrite();
    Change change = put(store, "a", "new");
    Submission write = submit(store, change);
    hold.awaitReached();
    assertThat(committed(store, A)).isNotEqualTo(((Change.Put) change).entry());
    assertThat(latest(store, A)).isEqualTo(((Change.Put) change).entry());
    assertThat(store.unsettled()).isEqualTo(1);
    hold.release();
    write.await();
    assertThat(committed(store, A)).isEqualTo(((Change.Put) change).entry());
    assertThat(store.unsettled()).isZero();
  }

  @Test
  void aSuccessorContinuesAndTheLateWriteIsRefused() throws Exception {
    ShardStore stuck = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    Submission accepted = submit(stuck, put(stuck, "a", "accepted"));
    hold.awaitReached();
    Change late = put(stuck, "a", "late");

    ShardStore next = engine.open(0, 2);
    assertThat(latest(next, A)).isNotNull();
    assertThat(next.revision()).isEqualTo(stuck.revision());
    Change last = put(next, "a", "successor");
    Submission successor = submit(next, last);
    Submission zombie = Submission.of(stuck, List.of(late));
    assertThatThrownBy(() -> stuck.submit(0, zombie)).isInstanceOf(FencedException.class);
    assertThat(zombie.isAccepted()).isFalse();

    hold.release();
    accepted.await();
    successor.await();
    assertThat(committed(next, A)).isEqualTo(((Change.Put) last).entry());
    assertThat(engine.usage().entries()).isEqualTo(1);
  }

  /** Also in the other order: when its write is settled, that of the target remains in flight. */
  @Test
  void aTargetContinuesFromWritesInFlightOfTheSource() throws Exception {
    ShardStore source = open(Sync.ALWAYS);
    ShardStore target = engine.open(1, 1);
    Hold hold = database.holdBeforeWrite();
    Change given = put(source, "a", "given");
    Submission first = submit(source, given);
    hold.awaitReached();
    engine.raise(1, 0);
    assertThat(latest(target, A)).isEqualTo(((Change.Put) given).entry());
    Hold second = database.holdBeforeWrite();
    Change taken = put(target, "a", "taken");
    Submission last = submit(target, taken);
    hold.release();
    first.await();
    second.awaitReached();
    assertThat(latest(source, A)).isEqualTo(((Change.Put) taken).entry());
    second.release();
    last.await();
    assertThat(committed(source, A)).isEqualTo(((Change.Put) taken).entry());
    assertThat(engine.usage().entries()).isEqualTo(1);
  }

  @Test
  void aTargetsWriteOnALostWriteOfTheSourceIsRefused() throws Exception {
    ShardStore source = open(Sync.ALWAYS);
    ShardStore target = engine.open(1, 1);
    Hold hold = database.holdBeforeWrite();
    database.failNextWrite(Status.SubCode.None);
    Submission lost = submit(source, put(source, "a", "lost"));
    hold.awaitReached();
    engine.raise(1, 0);
    long known = target.lossEpoch();
    Submission onTop = Submission.of(target, List.of(put(target, "a", "2")));
    hold.release();
    assertFails(lost, StoreUnavailable.class, Applied.UNKNOWN);
    awaitWritable();
    target.submit(known, onTop);
    assertFails(onTop, StoreUnavailable.class, Applied.NO);
  }

  @Test
  void aFailedGroupIsUnknownAndTheRestIsNotApplied() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    ShardStore other = engine.open(1, 1);
    commit(store, put(store, "a", "old"));
    Entry old = committed(store, A);
    database.failReopening(true);
    Hold hold = database.holdBeforeWrite();
    database.failNextWrite(Status.SubCode.None);
    Submission inFlight = submit(store, put(store, "a", "lost"));
    hold.awaitReached();
    Submission queued = submit(store, put(store, "a", "on top"));
    Submission queuedElsewhere = submit(other, put(other, "b", "1"));
    long before = store.lossEpoch();
    Submission decided = Submission.of(store, List.of(put(store, "a", "late")));
    hold.release();

    assertFails(inFlight, StoreUnavailable.class, Applied.UNKNOWN);
    assertFails(queued, StoreUnavailable.class, Applied.NO);
    assertFails(queuedElsewhere, StoreUnavailable.class, Applied.NO);
    assertThat(engine.condition().state()).isEqualTo(State.READABLE);
    assertThat(engine.condition().cause()).contains("broken");
    assertFails(submit(store, put(store, "a", "later")), StoreUnavailable.class, Applied.NO);
    assertFails(submit(store), StoreUnavailable.class, Applied.NO);
    assertThat(latest(store, A)).as("reads continue").isEqualTo(old);
    assertThat(store.unsettled()).isZero();

    database.failReopening(false);
    awaitWritable();
    store.submit(before, decided);
    assertFails(decided, StoreUnavailable.class, Applied.NO);
    assertThat(committed(store, A)).isEqualTo(old);
    Revision seen = store.revision();
    commit(store, put(store, "a", "new"));
    assertThat(store.revision()).as("never goes back").isGreaterThan(seen);
    assertThat(database.writes).as("nothing was written in between").hasValue(2);
  }

  /** A write that was in flight may have become visible since, under a key that was read before. */
  @Test
  void decisionsMadeDuringAFailureAreRefused() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    database.failReopening(true);
    database.failNextWrite(Status.SubCode.None);
    assertFails(submit(store, put(store, "a", "1")), StoreUnavailable.class, Applied.UNKNOWN);
    long known = store.lossEpoch();
    Submission decided = Submission.of(store, List.of(put(store, "a", "2")));
    database.failReopening(false);
    awaitWritable();
    store.submit(known, decided);
    assertFails(decided, StoreUnavailable.class, Applied.NO);
  }

  @Test
  void aTimedSyncThatFailsIsAWriteFailure() throws Exception {
    ShardStore store = open(Sync.INTERVAL);
    commit(store, put(store, "a", "1"));
    int syncs = database.syncs.get();
    commit(store, put(store, "a", "2"));
    await().until(() -> database.syncs.get() > syncs);
    database.failSyncs(true);
    commit(store, put(store, "a", "3"));
    await().until(() -> database.reopened.get() > 0);
    database.failSyncs(false);
    awaitWritable();
    commit(store, put(store, "a", "4"));
  }

  @Test
  void neverSyncsExceptForTheRevisionBoundAndAtTheEnd() throws Exception {
    ShardStore store = open(Sync.NEVER);
    for (int i = 0; i < 10; i++) {
      commit(store, put(store, "a", "1"));
    }
    assertThat(database.syncs).as("the first write passes the bound").hasValue(1);
    engine.close();
    assertThat(database.syncs).hasValue(2);
  }

  @Test
  void closeSettlesWhatWasSubmitted() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    Submission first = submit(store, put(store, "a", "1"));
    hold.awaitReached();
    Submission second = submit(store, put(store, "b", "1"));
    Thread closing = Thread.ofPlatform().start(engine::close);
    hold.release();
    closing.join();
    first.await();
    second.await();
  }

  @Test
  void batchWithoutWritesIsSettledAfterThoseBeforeIt() throws Exception {
    ShardStore store = open(Sync.ALWAYS);
    Hold hold = database.holdBeforeWrite();
    submit(store, put(store, "a", "1"));
    hold.awaitReached();
    Submission empty = submit(store);
    assertThat(empty.isSettled()).isFalse();
    hold.release();
    empty.await();
  }
}
