package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.wal.RealLog;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/**
 * A log of several files, none of whose entries are in tables, as after a crash. Tests what is lost
 * when an older file is cut between two batches or removed, and that the loss is detected.
 */
class LogTrackingTests {

  private static final int ENTRIES = 600;
  private static final int PER_FILE = 200;

  @TempDir private Path folder;
  private Path crashed;

  /** The end of each batch in its file. */
  private final List<Long> ends = new ArrayList<>();

  @BeforeEach
  void crash() throws Exception {
    TestLibrary.load();
    crashed = folder.resolve("crashed");
    try (DataDirectory live = DataDirectory.open(folder.resolve("live"));
        Database database = new Database(setup(live.home()))) {
      fill(database, live.database());
      Files.createDirectories(crashed);
      Files.copy(live.home().resolve("format"), crashed.resolve("format"));
      RealLog.copy(live.database(), DataDirectory.database(crashed));
    }
    assertThat(logs()).hasSize(ENTRIES / PER_FILE);
  }

  private static Setup setup(Path home) {
    return new Setup(DataDirectory.database(home), 16 << 20, 4 << 20);
  }

  /**
   * Each flush of a small column family starts a new log file. The entries keep the older files.
   */
  private void fill(Database database, Path folder) throws RocksDBException, IOException {
    for (int i = 0; i < ENTRIES; i++) {
      Entry entry = entry(i);
      boolean flush = i > 0 && i % PER_FILE == 0;
      database.write(
          true,
          (batch, open) -> {
            if (flush) {
              open.db.put(open.expiries, new byte[9], new byte[0]);
              try (FlushOptions options = new FlushOptions()) {
                open.db.flush(options, open.expiries);
              }
            }
            batch.put(open.entries, entry.key().utf8(), EntryCodec.encode(entry));
          });
      ends.add(Files.size(RealLog.newest(folder)));
    }
  }

  private static Entry entry(int i) {
    Value value = new Value(("value " + i).getBytes(StandardCharsets.UTF_8), "text/plain");
    return new Entry(Key.of("k" + i), value, new Revision(i + 1), RocksDbEngines.START, null);
  }

  private List<Path> logs() throws IOException {
    return logs(DataDirectory.database(crashed));
  }

  private static List<Path> logs(Path database) throws IOException {
    try (Stream<Path> files = Files.list(database)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private static void truncate(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private RocksDbEngine open(boolean salvage) {
    return EngineOpener.open(
        crashed, RocksDbEngines.properties(Sync.ALWAYS, salvage), RocksDbEngines.START);
  }

  private static int found(Database database) throws RocksDBException {
    int found = 0;
    for (int i = 0; i < ENTRIES; i++) {
      if (database.get(entry(i).key(), RecordReader.with(null)) instanceof Lookup.Known known
          && known.entry() != null) {
        found++;
      }
    }
    return found;
  }

  private int found() throws RocksDBException {
    try (Database database = new Database(setup(crashed))) {
      return found(database);
    }
  }

  @Test
  void anUntouchedLogOfSeveralFilesIsWhole() throws RocksDBException {
    open(false).close();
    assertThat(found()).isEqualTo(ENTRIES);
  }

  @Test
  void aRemovedOlderLogIsRefusedUntilSalvaged() throws Exception {
    Path removed = logs().get(1);
    Files.delete(removed);
    refusedUntilSalvaged(removed + " is missing", ENTRIES - PER_FILE);
  }

  @Test
  void aRemovedOldestLogIsRefusedUntilSalvaged() throws Exception {
    Path removed = logs().getFirst();
    Files.delete(removed);
    refusedUntilSalvaged(removed + " is missing", ENTRIES - PER_FILE);
  }

  @Test
  void anOlderLogCutBetweenBatchesIsRefusedUntilSalvaged() throws Exception {
    Path cut = logs().get(1);
    long whole = Files.size(cut);
    long half = ends.get(PER_FILE + PER_FILE / 2 - 1);
    truncate(cut, half);
    assertThat(WriteAheadLog.check(DataDirectory.database(crashed)).damage())
        .as("its bytes alone look like a complete log")
        .isEmpty();
    refusedUntilSalvaged(
        "%s has %d bytes, of the %d that were synced".formatted(cut, half, whole),
        ENTRIES - PER_FILE / 2);
  }

  @Test
  void anOlderLogCutWithinABatchIsRefusedUntilSalvaged() throws Exception {
    Path cut = logs().get(1);
    truncate(cut, ends.get(PER_FILE + PER_FILE / 2) - 1);
    refusedUntilSalvaged(cut + " at byte ", ENTRIES - PER_FILE / 2);
  }

  @Test
  void aDatabaseWithoutAnyLogIsRefusedUntilSalvaged() throws Exception {
    for (Path log : logs()) {
      Files.delete(log);
    }
    refusedUntilSalvaged(DataDirectory.database(crashed) + " has no log file at all", 0);
  }

  private void refusedUntilSalvaged(String what, int left) throws Exception {
    for (int i = 0; i < 2; i++) {
      StartRefused refused = catchThrowableOfType(StartRefused.class, () -> open(false).close());
      assertThat(refused)
          .hasMessageContaining(what)
          .hasMessageContaining("Start on a copy of a backup")
          .hasMessageContaining("nebula.storage.rocksdb.salvage=true")
          .message()
          .doesNotContain("\n");
    }
    try (RocksDbEngine engine = open(true)) {
      assertThat(engine.open(0, 1).revision().number()).as("jumps").isGreaterThan(1L << 40);
    }
    assertThat(crashed.resolve("format")).content().doesNotContain("restored");
    assertThat(found()).isEqualTo(left);
    open(false).close();
  }

  /** A crash during a start that gives up data must not prevent the jump of the revision. */
  @Test
  void aSalvageThatIsCutShortStillLeaps() throws Exception {
    Files.delete(logs().get(1));
    try (DataDirectory directory = DataDirectory.open(crashed)) {
      directory.markRestored();
      OpenDatabase.openUntracked(setup(crashed)).close();
    }
    try (RocksDbEngine engine = open(false)) {
      assertThat(engine.open(0, 1).revision().number()).isGreaterThan(1L << 40);
    }
  }

  /** The reason why logs are tracked. */
  @Test
  void withoutTrackingTheLossIsSilent() throws Exception {
    truncate(logs().get(1), ends.get(PER_FILE + PER_FILE / 2 - 1));
    Files.delete(logs().getFirst());
    OpenDatabase.openUntracked(setup(crashed)).close();
    assertThat(found()).isEqualTo(ENTRIES - PER_FILE - PER_FILE / 2);
  }

  @Test
  void aTornEndBehindTrackedLogsIsCutOff() throws Exception {
    Path newest = logs().getLast();
    truncate(newest, ends.getLast() - 3);
    try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.allocate(50_000));
    }
    open(false).close();
    assertThat(found()).isEqualTo(ENTRIES - 1);
  }

  @Test
  void salvagingATrackedLogKeepsItsLength() throws Exception {
    Path older = logs().get(1);
    byte[] bytes = Files.readAllBytes(older);
    bytes[(int) (ends.get(PER_FILE + 100) - 5)] ^= 1;
    Files.write(older, bytes);
    refusedUntilSalvaged(older + " at byte ", ENTRIES - 1);
    try (Stream<Path> kept = Files.list(crashed)) {
      assertThat(kept.filter(file -> file.getFileName().toString().startsWith("salvaged-")))
          .as("RocksDB refused nothing after that")
          .hasSize(1);
    }
  }

  @Test
  void aDatabaseWithTrackedLogsCanBeReopened() throws Exception {
    try (DataDirectory directory = DataDirectory.open(folder.resolve("other"));
        Database database = new Database(setup(directory.home()))) {
      fill(database, directory.database());
      Path newest = RealLog.newest(directory.database());
      truncate(newest, Files.size(newest) - 1);
      database.reopen();
      assertThat(found(database)).isEqualTo(ENTRIES - 1);
      database.set(Numbers.ENTRIES, 1);
      database.reopen();
      assertThat(database.number(Numbers.ENTRIES)).isEqualTo(1);
    }
  }

  @Test
  void aLogThatIsCutWhileOpenIsRefusedAtReopening() throws Exception {
    try (DataDirectory directory = DataDirectory.open(folder.resolve("other"));
        Database database = new Database(setup(directory.home()))) {
      fill(database, directory.database());
      truncate(logs(directory.database()).getFirst(), 0);
      assertThatThrownBy(database::reopen)
          .isInstanceOf(RocksDBException.class)
          .hasMessageContaining("Size mismatch");
      assertThat(database.isOpen()).as("nothing incomplete is read").isFalse();
    }
  }

  @Test
  void trackedLogsCanBeReadAndCopied() throws Exception {
    try (OpenDatabase open = OpenDatabase.openReadOnly(setup(crashed))) {
      assertThat(open.db.get(open.entries, entry(0).key().utf8())).isNotNull();
    }
    Path copy = folder.resolve("copy");
    try (RocksDbEngine engine = open(false)) {
      engine.checkpoint(copy);
    }
    crashed = copy;
    open(false).close();
    assertThat(found()).isEqualTo(ENTRIES);
  }
}
