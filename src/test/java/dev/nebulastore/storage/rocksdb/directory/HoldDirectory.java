package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;
import java.nio.file.Path;

/** Another process that takes a data directory and lets it go: ends with 0 if it could. */
final class HoldDirectory {

  private HoldDirectory() {}

  /** The refusal ends it with 1, and is printed by the JVM. */
  public static void main(String[] arguments) throws IOException {
    DataDirectory.open(Path.of(arguments[0])).close();
  }
}
