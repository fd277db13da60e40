package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What the committer does when there is no space, for its own writes or for RocksDB's. */
class FullDiskTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private FaultyDatabase database;

  @SuppressWarnings("NullAway.Init")
  private RocksDbEngine engine;

  private ShardStore open() throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    engine = new RocksDbEngine(directory, database, RocksDbEngines.properties(Sync.ALWAYS, false));
    return engine.open(0, 1);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static Change put(ShardStore store, String key) {
    Value value = new Value(new byte[] {1}, "text/plain");
    return new Change.Put(new Entry(Key.of(key), value, store.revision().next(), NOW, null));
  }

  private static void assertFull(Submission batch, Applied applied) {
    assertThatThrownBy(batch::await)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(StoreFull.class, e -> assertThat(e.applied()).isEqualTo(applied));
  }

  private void awaitWritable() {
    await().until(() -> engine.condition().state() == State.WRITABLE);
  }

  @Test
  void aFullDiskIsReportedAndTriedAgain() throws Exception {
    ShardStore store = open();
    database.failReopening(true);
    database.failNextWrite(Status.SubCode.NoSpace);
    assertFull(submit(store, put(store, "a")), Applied.UNKNOWN);
    assertThat(engine.condition().state()).isEqualTo(State.FULL);
    assertFull(submit(store, put(store, "a")), Applied.NO);
    database.failReopening(false);
    awaitWritable();
    commit(store, put(store, "a"));
    assertThat(database.reopened).hasValue(1);
  }

  /** RocksDB then refuses all writes, which nobody would notice if there are none. */
  @Test
  void aFailedFlushIsNoticedWithoutAWrite() throws Exception {
    open();
    database.failNextWrite(Status.SubCode.NoSpace);
    engine.reclaimingFailed(new RocksDBException("too large"), false);
    await().until(() -> database.reopened.get() == 1);
    awaitWritable();
    int before = database.writes.get();
    engine.reclaimingFailed(new RocksDBException("too large"), false);
    await().until(() -> database.writes.get() > before);
    assertThat(database.reopened).hasValue(1);
  }

  /** After reopening, RocksDB no longer knows that there was no space. */
  @Test
  void aDatabaseThatCantCompactIsReopened() throws Exception {
    ShardStore store = open();
    engine.reclaimingFailed(new RocksDBException("too large"), true);
    await().until(() -> database.reopened.get() == 1);
    awaitWritable();
    commit(store, put(store, "a"));
  }
}
