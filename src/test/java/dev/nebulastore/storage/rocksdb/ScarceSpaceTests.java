package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.TableSpace.Family;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database can be opened even if there is hardly any space left. */
class ScarceSpaceTests {

  private static final byte[] KEY = "k".getBytes(StandardCharsets.US_ASCII);
  private static final long SMALL = 4L << 20;

  /** No disk has twice this size. */
  private static final long HUGE = 1L << 50;

  @TempDir private Path folder;

  @BeforeEach
  void load() {
    TestLibrary.load();
  }

  private Database open(long memtableBytes) throws Exception {
    return new Database(new Setup(folder.resolve("db"), 16 << 20, memtableBytes));
  }

  private static void put(Database database, byte[] key) throws Exception {
    database.write(false, (batch, open) -> batch.put(open.entries, key, key));
  }

  private static List<Table> tables(Database database) throws Exception {
    return new TableSpace(database, SMALL).tables(Family.ENTRIES);
  }

  private static void assertHas(Database database, byte[] key) throws Exception {
    assertThat(database.<byte[]>use(open -> open.db.get(open.entries, key))).isEqualTo(key);
  }

  @Test
  void writesOfTheLogGoToTablesWhereThereIsSpace() throws Exception {
    try (Database database = open(SMALL)) {
      put(database, KEY);
    }
    try (Database database = open(SMALL)) {
      assertThat(tables(database)).hasSize(1);
      assertHas(database, KEY);
    }
  }

  /** A table might use up the space. */
  @Test
  void writesOfTheLogStayInItWhereSpaceIsShort() throws Exception {
    byte[] other = {1};
    try (Database database = open(HUGE)) {
      put(database, KEY);
    }
    try (Database database = open(HUGE)) {
      put(database, other);
      assertThat(tables(database)).isEmpty();
    }
    try (Database database = open(HUGE)) {
      assertHas(database, KEY);
      assertHas(database, other);
      assertThat(tables(database)).isEmpty();
    }
    assertThat(WriteAheadLog.check(folder.resolve("db")).damage()).isEmpty();
    try (Database database = open(SMALL)) {
      assertHas(database, KEY);
      assertHas(database, other);
      assertThat(tables(database)).isNotEmpty();
    }
  }
}
