package dev.nebulastore.storage.memory;

import dev.nebulastore.storage.StorageEngine;
import java.time.Instant;

/** Creates memory engines for tests of other rooms. */
public final class MemoryEngines {

  private MemoryEngines() {}

  /** An empty engine of this size, started in 2026. */
  public static StorageEngine create(long maxBytes) {
    return new MemoryEngine(maxBytes, Instant.parse("2026-01-01T00:00:00Z"));
  }
}
