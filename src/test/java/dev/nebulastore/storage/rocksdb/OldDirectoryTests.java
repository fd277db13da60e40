package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.committed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data directory as version 0.1.0 left it when it was killed: 200 entries in tables, 50 more and
 * the deletion of the first in the log, no log tracked, and tables with unpartitioned filters.
 */
class OldDirectoryTests {

  @TempDir private Path folder;

  @BeforeEach
  void unpack() throws IOException {
    TestLibrary.load();
    Files.createDirectories(DataDirectory.database(folder));
    InputStream packed =
        Objects.requireNonNull(getClass().getResourceAsStream("data-directory-0.1.0.zip"));
    try (ZipInputStream zip = new ZipInputStream(packed)) {
      for (ZipEntry file = zip.getNextEntry(); file != null; file = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(file.getName()));
      }
    }
  }

  @Test
  void opensRepeatedlyAndHasAllEntries() {
    for (int opening = 0; opening < 3; opening++) {
      try (RocksDbEngine engine = (RocksDbEngine) RocksDbEngines.open(folder)) {
        ShardStore store = engine.open(0, 1);
        assertThat(engine.usage().entries()).isEqualTo(249);
        assertThat(committed(store, Key.of("old-000"))).isNull();
        for (int i = 1; i < 250; i++) {
          Entry entry = Objects.requireNonNull(committed(store, Key.of("old-%03d".formatted(i))));
          assertThat(new String(entry.value().bytes(), StandardCharsets.UTF_8))
              .isEqualTo("value " + i);
        }
      }
    }
  }
}
