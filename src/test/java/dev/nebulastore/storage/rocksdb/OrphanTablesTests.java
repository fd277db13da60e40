package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.TableSpace.Family;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables that a start removes on a full disk do not belong to the database. */
class OrphanTablesTests {

  private static final byte[] KEY = "k".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  @Test
  void onlyOrphanedTablesAreRemoved() throws Exception {
    TestLibrary.load();
    Setup setup = new Setup(folder.resolve("db"), 16 << 20, 4 << 20);
    Path table;
    try (Database database = new Database(setup)) {
      database.write(false, (batch, open) -> batch.put(open.entries, KEY, KEY));
      TableSpace tables = new TableSpace(database, 1 << 30);
      tables.flush();
      table = Path.of(setup.folder() + tables.tables(Family.ENTRIES).getFirst().name());
    }
    List<Path> orphans =
        List.of(setup.folder().resolve("000998.sst"), setup.folder().resolve("000999.sst"));
    Files.copy(table, orphans.getFirst());
    Files.write(orphans.getLast(), new byte[1_000]);
    assertThat(OrphanTables.remove(setup)).isEqualTo(Files.size(table) + 1_000);
    assertThat(orphans).noneMatch(Files::exists);
    try (Database database = new Database(setup)) {
      assertThat(database.<byte[]>use(open -> open.db.get(open.entries, KEY))).isEqualTo(KEY);
    }
    assertThat(OrphanTables.remove(setup)).isZero();
  }
}
