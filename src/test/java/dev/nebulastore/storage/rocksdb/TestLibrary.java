package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.RocksDBException;

/** RocksDB's native library for tests, copied once for all runs. */
public final class TestLibrary {

  private TestLibrary() {}

  public static void load() {
    NativeLibrary.load(Path.of("target", "native"));
  }

  /** Prevents RocksDB from compacting tables, however many there are. */
  static void stopCompactions(OpenDatabase open) throws RocksDBException {
    for (ColumnFamilyHandle family : List.of(open.entries, open.expiries)) {
      open.db.setOptions(
          family, MutableColumnFamilyOptions.builder().setDisableAutoCompactions(true).build());
    }
  }
}
