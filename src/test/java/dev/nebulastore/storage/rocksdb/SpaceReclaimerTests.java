package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.TableSpace.Family;
import dev.nebulastore.storage.rocksdb.directory.DiskReserve;
import dev.nebulastore.storage.rocksdb.directory.DiskSpace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDBException;

/** The space of deleted entries is reclaimed, with a real database and a simulated disk. */
class SpaceReclaimerTests {

  private static final int ENTRIES = 200;
  private static final long KEPT = 1L << 30;
  private static final long PLENTY = 1L << 50;

  @TempDir private Path folder;
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong demands = new AtomicLong();
  private final Random random = new Random(7);
  private long free = PLENTY;

  @SuppressWarnings("NullAway.Init")
  private Database database;

  @SuppressWarnings("NullAway.Init")
  private TableSpace tables;

  @SuppressWarnings("NullAway.Init")
  private DiskSpace space;

  @BeforeEach
  void open() throws Exception {
    TestLibrary.load();
    database = new Database(new Setup(folder.resolve("db"), 16 << 20, 4 << 20));
    database.use(open -> {
      TestLibrary.stopCompactions(open);
      return null;
    });
    tables = new TableSpace(database, 1L << 30);
    space = new DiskSpace(folder, () -> free, KEPT, 4 << 20);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void put(int from, int to) throws RocksDBException {
    byte[] value = new byte[5_000];
    for (int i = from; i < to; i++) {
      random.nextBytes(value);
      byte[] key = key(i);
      database.write(false, (batch, open) -> batch.put(open.entries, key, value));
      entries.incrementAndGet();
    }
  }

  private void delete(int from, int to) throws RocksDBException {
    for (int i = from; i < to; i++) {
      byte[] key = key(i);
      database.write(false, (batch, open) -> batch.delete(open.entries, key));
      entries.decrementAndGet();
    }
  }

  private static byte[] key(int number) {
    return "key-%05d".formatted(number).getBytes(StandardCharsets.US_ASCII);
  }

  private void count(RocksDBException failure, boolean again) {
    failures.incrementAndGet();
    if (again) {
      demands.incrementAndGet();
    }
  }

  private void look(long nowFree) throws Exception {
    look(nowFree, true);
  }

  private void look(long nowFree, boolean enabled) throws Exception {
    free = nowFree;
    space.lookNow();
    new SpaceReclaimer(tables, space, entries::get, () -> enabled, this::count).look();
  }

  private long bytes() throws RocksDBException {
    return tables.tables(Family.ENTRIES).stream().mapToLong(Table::bytes).sum();
  }

  @Test
  void deletedEntriesAreFreedOnAFullDisk() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    look(KEPT / 2);
    assertThat(tables.tables(Family.ENTRIES)).isEmpty();
    assertThat(tables.flushHelps(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void liveEntriesStay() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(ENTRIES / 4, ENTRIES);
    long before = bytes();
    look(KEPT / 2);
    assertThat(bytes()).isBetween(before / 5, before / 3);
    byte[] first = database.use(open -> open.db.get(open.entries, key(0)));
    byte[] gone = database.use(open -> open.db.get(open.entries, key(ENTRIES - 1)));
    assertThat(first).hasSize(5_000);
    assertThat(gone).isNull();
  }

  @Test
  void withRoomNothingIsDone() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    long before = bytes();
    look(KEPT * 2);
    assertThat(bytes()).isEqualTo(before);
  }

  /** While puts are accepted, space is reclaimed only where it is worth the cost. */
  @Test
  void beforeTheDiskIsFullMuchHasToBeDead() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES / 10);
    tables.flush();
    long before = bytes();
    look(KEPT + KEPT / 4);
    assertThat(bytes()).isEqualTo(before);
    delete(ENTRIES / 10, ENTRIES / 2);
    tables.flush();
    look(KEPT + KEPT / 4);
    assertThat(bytes()).isLessThan(before * 2 / 3);
  }

  @Test
  void switchedOffItOnlyKeepsTheReserve() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    look(PLENTY, false);
    assertThat(folder.resolve(DiskReserve.NAME)).exists();
    look(KEPT / 2, false);
    assertThat(bytes()).isPositive();
  }

  @Test
  void afterAStopNothingIsCompacted() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    tables.stopCompacting();
    tables.flush();
    long before = bytes();
    look(KEPT / 2);
    assertThat(bytes()).isEqualTo(before);
  }

  /** The places where a run calls other code, which throws. */
  private enum Place {
    FLUSH_HELPS,
    FLUSH,
    TABLES,
    COMPACT
  }

  /** A table space that throws once at each of these places, one after another. */
  private final class ThrowingSpace extends TableSpace {

    private final Runnable thrower;
    private final EnumSet<Place> left = EnumSet.allOf(Place.class);

    ThrowingSpace(Runnable thrower) {
      super(database, 1L << 30);
      this.thrower = thrower;
    }

    private void at(Place place) {
      if (left.remove(place)) {
        thrower.run();
      }
    }

    @Override
    boolean flushHelps(long room) throws RocksDBException {
      at(Place.FLUSH_HELPS);
      return super.flushHelps(room);
    }

    @Override
    void flush() throws RocksDBException {
      at(Place.FLUSH);
      super.flush();
    }

    @Override
    List<Table> tables(Family family) throws RocksDBException {
      at(Place.TABLES);
      return super.tables(family);
    }

    @Override
    void compact(Family family, ReclaimPlan.Step step) throws RocksDBException {
      at(Place.COMPACT);
      super.compact(family, step);
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesOnAfterWhateverIsThrown(Thrown what) throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    free = KEPT / 2;
    space.lookNow();
    ThrowingSpace throwing = new ThrowingSpace(what::now);
    SpaceReclaimer reclaimer =
        new SpaceReclaimer(throwing, space, entries::get, () -> true, this::count);
    for (Place _ : Place.values()) {
      reclaimer.runOnce();
      assertThat(bytes()).isPositive();
    }
    assertThat(throwing.left).isEmpty();
    reclaimer.runOnce();
    assertThat(bytes()).isZero();
    assertThat(failures).as("no failure of RocksDB").hasValue(0);
  }

  @Test
  void failuresAreReportedAndCounted() throws Exception {
    put(0, ENTRIES);
    free = KEPT / 2;
    space.lookNow();
    database.close();
    SpaceReclaimer reclaimer =
        new SpaceReclaimer(tables, space, entries::get, () -> true, this::count);
    for (int turn = 1; turn <= 8; turn++) {
      reclaimer.runOnce();
      assertThat(failures).hasValue(turn);
      assertThat(demands).hasValue(turn / 4);
    }
  }

  /** Like steps that RocksDB considers too large for a full disk. */
  @Test
  void aRefusedStepDoesNotBlockOthers() throws Exception {
    put(0, ENTRIES / 2);
    tables.flush();
    put(ENTRIES / 2, ENTRIES);
    tables.flush();
    database.<@Nullable Void>use(open -> {
      open.db.compactRange(open.entries);
      return null;
    });
    delete(0, ENTRIES / 2);
    tables.flush();
    delete(ENTRIES / 2, ENTRIES);
    tables.flush();
    long before = bytes();
    tables =
        new TableSpace(database, 1L << 30) {
          private boolean refused;

          @Override
          void compact(Family family, ReclaimPlan.Step step) throws RocksDBException {
            if (!refused) {
              refused = true;
              throw new RocksDBException("too large");
            }
            super.compact(family, step);
          }
        };
    assertThatThrownBy(() -> look(KEPT / 2)).hasMessage("too large");
    assertThat(bytes()).isLessThan(before);
  }

  @Test
  void databaseCanBeReopenedAfterwards() throws Exception {
    put(0, ENTRIES);
    tables.flush();
    delete(0, ENTRIES);
    database.reopen();
    look(KEPT / 2);
    assertThat(bytes()).isZero();
  }
}
