package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.springframework.util.unit.DataSize;

/** Creates durable engines for tests of other rooms. */
public final class RocksDbEngines {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private RocksDbEngines() {}

  /** Opens one on a directory, with small buffers and short pauses. */
  public static StorageEngine open(Path directory) {
    return EngineOpener.open(directory, properties(Sync.ALWAYS, false), START);
  }

  static RocksDbProperties properties(Sync sync, boolean salvage) {
    return new RocksDbProperties(
        sync,
        Duration.ofMillis(50),
        salvage,
        DataSize.ofMegabytes(16),
        DataSize.ofMegabytes(4),
        DataSize.ofBytes(0),
        DataSize.ofMegabytes(32),
        2,
        Duration.ofMillis(20),
        Duration.ofMillis(100));
  }
}
