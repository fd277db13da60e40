package dev.nebulastore.storage.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.wal.RealLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTests {

  private static final byte[] NAME = "some number".getBytes(US_ASCII);

  @TempDir private Path folder;

  /** As a disk may leave a log for which it stored the new length, but not all bytes. */
  @Test
  void zerosInTheLogDoNotPreventReopening() throws Exception {
    try (DataDirectory directory = DataDirectory.open(folder);
        Database database = new FaultyDatabase(directory.database())) {
      database.set(NAME, 1);
      Path log = RealLog.newest(directory.database());
      int kept = (int) Files.size(log) + 7 + 10;
      for (int number = 2; number < 9; number++) {
        database.set(NAME, number);
      }
      byte[] bytes = Files.readAllBytes(log);
      Arrays.fill(bytes, kept, bytes.length, (byte) 0);
      Files.write(log, bytes);
      database.reopen();
      assertThat(database.number(NAME)).isEqualTo(1);
      database.set(NAME, 9);
      database.reopen();
      assertThat(database.number(NAME)).isEqualTo(9);
    }
  }
}
