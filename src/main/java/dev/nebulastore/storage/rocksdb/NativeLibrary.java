package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;
import org.rocksdb.RocksDB;

final class NativeLibrary {
  private NativeLibrary() {}

  static void load(Path folder) {
    RocksDB.loadLibrary();
  }
}
