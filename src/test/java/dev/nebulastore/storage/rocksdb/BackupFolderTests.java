package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupRunning;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Backups.Backup;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.BackupFolder;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.directory.FolderCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFolderTests {

  private static final Instant START = Instant.parse("2026-11-22T13:20:30.123Z");
  private static final String FIRST = "2026-11-22T13-20-30.123Z";
  private static final String SECOND = "2026-11-22T13-20-30.124Z";

  @TempDir private Path folder;
  private Path data;
  private Path backups;
  private RocksDbEngine engine;
  private BackupFolder made;

  @BeforeEach
  void open() {
    data = folder.resolve("data");
    backups = folder.resolve("deep/backups");
    engine = open(data);
    made = new BackupFolder(backups, engine, InstantSource.fixed(START));
  }

  @AfterEach
  void close() {
    made.close();
    engine.close();
  }

  private static RocksDbEngine open(Path home) {
    return EngineOpener.open(
        home, RocksDbEngines.properties(Sync.ALWAYS, false), RocksDbEngines.START);
  }

  private static Change put(ShardStore store, String key, String value, @Nullable Instant expires) {
    Value bytes = new Value(value.getBytes(UTF_8), "text/plain");
    Revision revision = store.revision().next();
    return new Change.Put(new Entry(Key.of(key), bytes, revision, START, expires));
  }

  /** Opens a second engine on a copy. */
  private RocksDbEngine restored(Backup backup, String name) throws IOException {
    Path copy = folder.resolve(name);
    new FolderCopy().copy(backups.resolve(backup.name()), copy);
    return open(copy);
  }

  @Test
  void holdsAllCommittedEntriesWithExpiries() throws IOException {
    ShardStore store = engine.open(0, 1);
    Instant later = START.plusSeconds(60);
    commit(store, put(store, "a", "1", later));
    commit(store, put(store, "b", "1", null));
    commit(store, new Change.Delete(Key.of("b"), store.revision().next(), START));
    Entry entry = committed(store, Key.of("a"));
    Backup backup = made.make();
    commit(store, put(store, "after", "1", null));
    try (RocksDbEngine restored = restored(backup, "copy")) {
      ShardStore shard = restored.open(3, 1);
      assertThat(committed(shard, Key.of("a"))).isEqualTo(entry);
      assertThat(committed(shard, Key.of("b"))).isNull();
      assertThat(committed(shard, Key.of("after"))).isNull();
      assertThat(restored.usage().entries()).isEqualTo(1);
      assertThat(restored.expired(later, null, 10)).containsExactly(new Expiry(later, Key.of("a")));
    }
    assertThat(committed(store, Key.of("after"))).isNotNull();
  }

  @Test
  void isNamedByItsTimeAndListedNewestFirst() throws IOException {
    assertThat(made.list()).isEmpty();
    assertThat(backups).doesNotExist();
    Backup first = made.make();
    Backup second = made.make();
    assertThat(first.name()).isEqualTo(FIRST);
    assertThat(first.created()).isEqualTo(START);
    assertThat(second.name()).isEqualTo(SECOND);
    assertThat(second.created()).isEqualTo(START.plusMillis(1));
    assertThat(made.list()).containsExactly(second, first);
    assertThat(first.bytes()).isEqualTo(bytes(backups.resolve(FIRST))).isPositive();
    assertThat(backups).isDirectoryNotContaining("glob:**/.*");
    assertThat(data.resolve("backup.tmp")).doesNotExist();
  }

  @Test
  void namesStayInOrderWhenTheClockIsSetBack() {
    Backup first = made.make();
    try (BackupFolder later =
        new BackupFolder(backups, engine, InstantSource.fixed(START.minusSeconds(7_200)))) {
      Backup second = later.make();
      assertThat(second.name()).isEqualTo(SECOND);
      assertThat(later.list()).containsExactly(second, first);
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /** Each shard writes pairs in one batch, which no backup may split. */
  @Test
  void underLoadItHoldsAcknowledgedWritesWhole() throws IOException {
    int shards = 4;
    List<AtomicInteger> acknowledged =
        IntStream.range(0, shards).mapToObj(shard -> new AtomicInteger()).toList();
    AtomicBoolean enough = new AtomicBoolean();
    List<CompletableFuture<Void>> writers =
        IntStream.range(0, shards)
            .mapToObj(shard ->
                CompletableFuture.runAsync(
                    () -> write(shard, acknowledged.get(shard), enough),
                    task -> Thread.ofPlatform().start(task)))
            .toList();
    try {
      for (int round = 1; round <= 5; round++) {
        int goal = 20 * round;
        await().until(() -> acknowledged.stream().allMatch(count -> count.get() >= goal));
        List<Integer> before = acknowledged.stream().map(AtomicInteger::get).toList();
        Backup backup = made.make();
        try (RocksDbEngine restored = restored(backup, "copy-" + round)) {
          ShardStore any = restored.open(0, 1);
          long entries = 0;
          for (int shard = 0; shard < shards; shard++) {
            int last = number(any, shard + "-last");
            assertThat(last).isGreaterThanOrEqualTo(before.get(shard));
            assertThat(number(any, shard + "-twin")).isEqualTo(last);
            assertThat(committed(any, Key.of(shard + "/" + last))).isNotNull();
            assertThat(committed(any, Key.of(shard + "/" + (last + 1)))).isNull();
            entries += last + 2L;
          }
          assertThat(restored.usage().entries()).isEqualTo(entries);
          assertThat(restored.expired(Instant.MAX, null, 1_000_000))
              .hasSize((int) entries - 2 * shards);
        }
      }
    } finally {
      enough.set(true);
      writers.forEach(CompletableFuture::join);
    }
  }

  private void write(int shard, AtomicInteger acknowledged, AtomicBoolean enough) {
    ShardStore store = engine.open(shard, 1);
    while (!enough.get()) {
      int next = acknowledged.get() + 1;
      List<Change> changes = new ArrayList<>();
      changes.add(put(store, shard + "-last", "" + next, null));
      changes.add(put(store, shard + "/" + next, "" + next, START));
      changes.add(put(store, shard + "-twin", "" + next, null));
      commit(store, changes);
      acknowledged.set(next);
    }
  }

  private static int number(ShardStore store, String key) {
    Entry entry = committed(store, Key.of(key));
    return entry == null ? 0 : Integer.parseInt(new String(entry.value().bytes(), UTF_8));
  }

  /**
   * Revisions that are used after the backup must not be used again, not even by the same process.
   */
  @Test
  void revisionsLeapAfterARestore() throws IOException {
    ShardStore store = engine.open(0, 1);
    commit(store, put(store, "a", "1", null));
    Backup backup = made.make();
    engine.close();
    engine = open(data);
    store = engine.open(0, 1);
    for (int i = 0; i < 100; i++) {
      commit(store, put(store, "a", "later", null));
    }
    Revision first;
    try (RocksDbEngine restored = restored(backup, "copy")) {
      first = restored.open(0, 1).revision();
    }
    assertThat(first).isGreaterThan(store.revision());
    Revision second;
    Path copy = folder.resolve("copy");
    try (RocksDbEngine again = open(copy)) {
      second = again.open(0, 1).revision();
    }
    assertThat(second).as("it jumps once, not at every start").isEqualTo(first);
  }

  @Test
  void remainsOfACrashAreRemovedByTheNextBackup() throws IOException {
    Path unfinished = backups.resolve("." + FIRST + ".tmp");
    Path staging = data.resolve("backup.tmp");
    for (Path leftover : List.of(unfinished, staging)) {
      Files.createDirectories(leftover.resolve("db"));
      Files.writeString(leftover.resolve("db/CURRENT"), "x");
      DataDirectory.describe(leftover, true);
    }
    assertThat(made.list()).isEmpty();
    made.make();
    assertThat(unfinished).doesNotExist();
    assertThat(staging).doesNotExist();
    assertThat(made.list()).extracting(Backup::name).containsExactly(FIRST);
  }

  @Test
  void remainsInTheDataDirectoryAreRemovedAtTheStart() throws IOException {
    Path staging = Files.createDirectory(data.resolve("backup.tmp"));
    Files.writeString(staging.resolve("000001.sst"), "x");
    new BackupFolder(backups, engine, InstantSource.fixed(START)).close();
    assertThat(staging).doesNotExist();
  }

  @Test
  void otherFilesAreNeitherListedNorChanged() throws IOException {
    Backup backup = made.make();
    Files.writeString(backups.resolve("notes.txt"), "mine");
    Files.writeString(backups.resolve(".2026.tmp"), "mine");
    Files.createDirectory(backups.resolve("2020-01-01T00-00-00.000Z"));
    Files.writeString(backups.resolve("2020-01-01T00-00-00.001Z"), "mine");
    assertThat(made.list()).containsExactly(backup);
    made.make();
    assertThat(backups.resolve("notes.txt")).hasContent("mine");
    assertThat(backups.resolve(".2026.tmp")).hasContent("mine");
  }

  @Test
  void aBackupThatWasStartedOnIsNotListed() {
    Backup backup = made.make();
    open(backups.resolve(backup.name())).close();
    assertThat(made.list()).isEmpty();
    assertThat(made.make().name()).isEqualTo(SECOND);
  }

  @Test
  void twoBackupsAtATimeAreRefused() {
    Hold hold = new Hold();
    try (var slow =
        new BackupFolder(
            backups,
            engine,
            () -> {
              hold.stay();
              return START;
            })) {
      CompletableFuture<Backup> first =
          CompletableFuture.supplyAsync(slow::make, task -> Thread.ofVirtual().start(task));
      hold.awaitReached();
      assertThatThrownBy(slow::make).isInstanceOf(BackupRunning.class);
      assertThat(slow.list()).isEmpty();
      hold.release();
      assertThat(first.join().name()).isEqualTo(FIRST);
      assertThat(slow.make().name()).isEqualTo(SECOND);
    }
  }

  @Test
  void aFolderThatCantBeCreatedFailsTheBackup() throws IOException {
    Files.writeString(folder.resolve("deep"), "a file");
    assertThatThrownBy(made::make)
        .isInstanceOf(BackupFailed.class)
        .hasMessageContaining(folder.resolve("deep").toString());
    assertThat(data.resolve("backup.tmp")).doesNotExist();
    Files.delete(folder.resolve("deep"));
    Files.createDirectories(backups.getParent());
    Files.writeString(backups, "a file");
    assertThatThrownBy(made::make)
        .isInstanceOf(BackupFailed.class)
        .hasMessageContaining(backups + " is not a directory");
    assertThatThrownBy(made::list)
        .isInstanceOf(BackupFailed.class)
        .hasMessageContaining(backups + " is not a directory");
    Files.delete(backups);
    ShardStore store = engine.open(0, 1);
    commit(store, put(store, "a", "1", null));
    assertThat(made.make().name()).isEqualTo(FIRST);
  }

  /** A dangling link looks as if the name were free, until the last step. */
  @Test
  void aBackupThatFailsAtTheEndLeavesNothing() throws IOException {
    Files.createDirectories(backups);
    Path taken = Files.createSymbolicLink(backups.resolve(FIRST), folder.resolve("nowhere"));
    assertThatThrownBy(made::make).isInstanceOf(BackupFailed.class);
    assertThat(taken).isSymbolicLink();
    try (Stream<Path> left = Files.list(backups)) {
      assertThat(left).containsExactly(taken);
    }
    assertThat(data.resolve("backup.tmp")).doesNotExist();
  }

  @Test
  void folderInsideOfTheDataDirectoryIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), data);
    for (Path wrong : List.of(data, data.resolve("a/b"), data.resolve("../data"), link)) {
      assertThatThrownBy(() -> BackupFolder.requireApart(wrong, data))
          .isInstanceOf(StartRefused.class)
          .hasMessageStartingWith("The directory of the backups, " + data.toRealPath())
          .hasMessageContaining("nebula.storage.backup-directory");
    }
    assertThatThrownBy(() -> BackupFolder.requireApart(link.resolve("x/y"), data))
        .isInstanceOf(StartRefused.class);
    BackupFolder.requireApart(folder.resolve("data-2"), data);
    BackupFolder.requireApart(folder, data);
    BackupFolder.requireApart(folder.resolve("absent/x"), folder.resolve("absent/y"));
  }

  @Test
  void copyThatIsStoppedEndsWithAnException() throws IOException {
    Path from = Files.createDirectories(folder.resolve("from/db"));
    Files.writeString(from.resolve("CURRENT"), "x");
    FolderCopy copy = new FolderCopy();
    copy.copy(folder.resolve("from"), folder.resolve("to"));
    assertThat(folder.resolve("to/db/CURRENT")).hasContent("x");
    copy.stop();
    assertThatThrownBy(() -> copy.copy(folder.resolve("from"), folder.resolve("to-2")))
        .isInstanceOf(IOException.class)
        .hasMessage("the server is stopping");
  }
}
