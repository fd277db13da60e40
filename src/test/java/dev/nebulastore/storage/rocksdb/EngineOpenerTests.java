package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.Corrupt;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.BackupFolder;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.wal.RealLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/**
 * What an engine finds when it is opened after a crash, on damaged files, or on a copy of a backup.
 */
class EngineOpenerTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path folder;

  private static RocksDbEngine open(Path directory) {
    return (RocksDbEngine) RocksDbEngines.open(directory);
  }

  private static Change put(ShardStore store, String key, String value) {
    Value bytes = new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain");
    return new Change.Put(
        new Entry(Key.of(key), bytes, store.revision().next(), NOW, NOW.plusSeconds(9)));
  }

  /** Writes some entries, and leaves the directory as after a crash. */
  private Path crashed(int entries) throws IOException {
    Path live = folder.resolve("live");
    Path crashed = folder.resolve("crashed");
    try (RocksDbEngine engine = open(live)) {
      ShardStore store = engine.open(0, 1);
      for (int i = 0; i < entries; i++) {
        commit(store, put(store, "k" + i, "value " + i));
      }
      copy(live, crashed);
    }
    return crashed;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    Files.copy(from.resolve("format"), to.resolve("format"));
    RealLog.copy(DataDirectory.database(from), DataDirectory.database(to));
  }

  /** The largest file of this kind. */
  private static Path file(Path directory, String kind) throws IOException {
    try (Stream<Path> files = Files.list(DataDirectory.database(directory))) {
      return files
          .filter(file -> file.toString().endsWith(kind))
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void afterACrashAllIsThereAndRevisionsContinue() throws IOException {
    Path crashed = crashed(20);
    Revision last = new Revision(20);
    for (int crash = 0; crash < 3; crash++) {
      try (RocksDbEngine engine = open(crashed)) {
        assertThat(engine.usage().entries()).isEqualTo(20 + crash);
        ShardStore store = engine.open(3, 1);
        assertThat(committed(store, Key.of("k7"))).isNotNull();
        assertThat(store.revision()).isGreaterThanOrEqualTo(last);
        commit(store, put(store, "after crash " + crash, ""));
        last = store.revision();
        Path next = folder.resolve("crashed-" + crash);
        copy(crashed, next);
        crashed = next;
      }
    }
  }

  @Test
  void tornEndOfTheLogIsDroppedAndTheRestIsThere() throws IOException {
    Path crashed = crashed(20);
    Path log = file(crashed, ".log");
    byte[] bytes = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(bytes, bytes.length - 3));
    try (RocksDbEngine engine = open(crashed)) {
      assertThat(engine.usage().entries()).isEqualTo(19);
    }
  }

  /** As a file system leaves a file for which it stored the new length, but not all bytes. */
  @Test
  void zerosBehindATornEndAreDropped() throws IOException {
    Path crashed = crashed(20);
    Path log = file(crashed, ".log");
    byte[] bytes = Files.readAllBytes(log);
    for (int gone = 1; gone < 50; gone++) {
      Path torn = folder.resolve("torn-" + gone);
      copy(crashed, torn);
      byte[] left = Arrays.copyOf(Arrays.copyOf(bytes, bytes.length - gone), 100_000);
      Files.write(file(torn, ".log"), left);
      try (RocksDbEngine engine = open(torn)) {
        assertThat(engine.usage().entries()).as("without the last %d bytes", gone).isEqualTo(19);
      }
    }
  }

  @Test
  void aDamagedLogIsRefusedUntilSalvageIsAllowed() throws IOException {
    Path crashed = crashed(20);
    Path log = file(crashed, ".log");
    flip(log, (int) Files.size(log) / 2);
    assertThatThrownBy(() -> open(crashed))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining(log.toString())
        .hasMessageContaining("nebula.storage.rocksdb.salvage=true")
        .message()
        .doesNotContain("\n");
    try (RocksDbEngine engine =
        EngineOpener.open(
            crashed, RocksDbEngines.properties(Sync.ALWAYS, true), RocksDbEngines.START)) {
      ShardStore store = engine.open(0, 1);
      assertThat(committed(store, Key.of("k0"))).isNotNull();
      assertThat(committed(store, Key.of("k19"))).as("later ones are kept").isNotNull();
      assertThat(store.revision().number()).as("jumps").isGreaterThan(1L << 40);
    }
    try (Stream<Path> kept = Files.list(crashed)) {
      assertThat(kept.map(file -> file.getFileName().toString()))
          .as("the original log is kept")
          .anyMatch(name -> name.startsWith("salvaged-"));
    }
    open(crashed).close();
  }

  @Test
  void damagedTableGivesErrorsAndNeverWrongBytes() throws IOException {
    Path crashed = crashed(500);
    // A start writes the content of the log into tables.
    open(crashed).close();
    Path table = file(crashed, ".sst");
    flip(table, 1_000);
    try (RocksDbEngine engine = open(crashed)) {
      ShardStore store = engine.open(0, 1);
      int failed = 0;
      for (int i = 0; i < 500; i++) {
        Key key = Key.of("k" + i);
        try {
          Entry entry = Objects.requireNonNull(committed(store, key));
          assertThat(new String(entry.value().bytes(), StandardCharsets.UTF_8))
              .isEqualTo("value " + i);
        } catch (Corrupt e) {
          failed++;
        }
      }
      assertThat(failed).isBetween(1, 499);
      assertThat(engine.corruptions()).isGreaterThanOrEqualTo(failed);
    }
  }

  /** RocksDB refuses all writes after a compaction has found damage, even after reopening. */
  @Test
  void damageInACompactionStopsCompactionsNotWrites() throws IOException {
    Path crashed = crashed(500);
    open(crashed).close();
    flip(file(crashed, ".sst"), 1_000);
    Path again = folder.resolve("again");
    try (RocksDbEngine engine = open(crashed)) {
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "k250", "newer"));
      copy(crashed, again);
    }
    // This start writes a second table from the log, and the two are compacted.
    try (RocksDbEngine engine = open(again)) {
      ShardStore store = engine.open(0, 1);
      await()
          .ignoreExceptionsInstanceOf(CompletionException.class)
          .until(() -> {
            commit(store, put(store, "k0", "new"));
            return engine.condition().state() == State.DAMAGED;
          });
      assertThat(engine.condition().cause()).contains(".sst");
      assertThat(engine.corruptions()).isPositive();
      for (int i = 0; i < 100; i++) {
        commit(store, put(store, "more " + i, ""));
      }
      assertThat(engine.condition().state()).isEqualTo(State.DAMAGED);
      assertThat(committed(store, Key.of("k0"))).isNotNull();
      try (BackupFolder backups =
          new BackupFolder(folder.resolve("backups"), engine, InstantSource.fixed(NOW))) {
        assertThatThrownBy(backups::make)
            .as("such backups would eventually replace the good ones")
            .isInstanceOf(BackupFailed.class)
            .hasMessageContaining(".sst");
      }
    }
  }

  @Test
  void whatIsNotInMemoryIsFetched() throws IOException {
    Path crashed = crashed(500);
    open(crashed).close();
    try (RocksDbEngine engine = open(crashed)) {
      ShardStore store = engine.open(0, 1);
      Key key = Key.of("k321");
      assertThat(store.committed(key, ContentBudget.UNLIMITED)).isEqualTo(Lookup.OnDisk.INSTANCE);
      assertThat(committed(store, key)).isNotNull();
      assertThat(store.committed(key, ContentBudget.UNLIMITED))
          .as("now it is")
          .isInstanceOf(Lookup.Known.class);
    }
  }

  @Test
  void copyOfABackupHoldsAllAndItsRevisionsLeap() throws IOException {
    Path live = folder.resolve("live");
    Path backup = folder.resolve("backup");
    Revision later;
    try (RocksDbEngine engine = open(live)) {
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "a", "then"));
      engine.checkpoint(backup);
      commit(store, put(store, "a", "later"));
      later = store.revision();
    }
    Path twin = folder.resolve("twin");
    copy(backup, twin);
    Revision first = startOf(backup, NOW);
    assertThat(first.number()).isGreaterThanOrEqualTo(later.number() + (1L << 40) - 1);
    assertThat(startOf(backup, NOW.plusSeconds(1))).as("once").isEqualTo(first);
    Revision second = startOf(twin, NOW);
    assertThat(Math.abs(second.number() - first.number()))
        .as("a second restore does not give the first one's versions again, whatever the time is")
        .isGreaterThan(1 << 20);
  }

  /** The first revision in a copy of the backup, whose content is checked. */
  private static Revision startOf(Path copy, Instant now) {
    try (RocksDbEngine engine =
        EngineOpener.open(copy, RocksDbEngines.properties(Sync.ALWAYS, false), now)) {
      ShardStore store = engine.open(0, 1);
      Entry entry = Objects.requireNonNull(committed(store, Key.of("a")));
      assertThat(entry.value().size()).isEqualTo("then".length());
      assertThat(engine.expired(NOW.plusSeconds(9), null, 9)).hasSize(1);
      return store.revision();
    }
  }

  @Test
  void aFullDiskAdmitsNoPuts() {
    RocksDbProperties usual = RocksDbEngines.properties(Sync.ALWAYS, false);
    RocksDbProperties greedy =
        new RocksDbProperties(
            usual.sync(),
            usual.syncInterval(),
            false,
            usual.cacheSize(),
            usual.memtableSize(),
            DataSize.ofTerabytes(1),
            usual.reclaimRate(),
            usual.readThreads(),
            usual.retryDelay(),
            usual.maxRetryDelay());
    try (RocksDbEngine engine = EngineOpener.open(folder.resolve("full"), greedy, NOW)) {
      ShardStore store = engine.open(0, 1);
      assertThat(store.quota()).isEqualTo(Quota.NO_PUTS);
      assertThat(engine.condition().cause()).contains("min-free-space");
    }
  }
}
