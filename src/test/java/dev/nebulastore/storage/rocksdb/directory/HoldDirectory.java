package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;
import java.nio.file.Path;

/** Another process that locks a data directory and releases it. Exits with 0 if it could. */
final class HoldDirectory {

  private HoldDirectory() {}

  /** A refusal ends it with 1, and the JVM prints the reason. */
  public static void main(String[] arguments) throws IOException {
    DataDirectory.open(Path.of(arguments[0])).close();
  }
}
