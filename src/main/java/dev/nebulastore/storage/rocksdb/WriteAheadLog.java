package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

final class WriteAheadLog {
  private WriteAheadLog() {}

  record Damage(Path file, long offset, String what) {}

  record Report(long droppedBytes, Optional<Damage> damage) {}

  static Report check(Path database) throws IOException {
    return new Report(0, Optional.empty());
  }
}
