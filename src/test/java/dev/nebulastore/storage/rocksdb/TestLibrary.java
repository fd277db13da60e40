package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;

/** RocksDB's library for tests, copied once for all runs. */
final class TestLibrary {

  private TestLibrary() {}

  static void load() {
    NativeLibrary.load(Path.of("target", "native"));
  }
}
