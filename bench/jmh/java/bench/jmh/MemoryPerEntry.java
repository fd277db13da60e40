package bench.jmh;

import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the heap that an entry of the memory engine takes with the engine's own estimate. */
public final class MemoryPerEntry {

  private static final Logger log = LoggerFactory.getLogger(MemoryPerEntry.class);
  private static final int ENTRIES = 1_000_000;

  private MemoryPerEntry() {}

  /**
   * Writes a million entries with keys of 16 and values of 100 bytes, then overwrites them, finally
   * with a time to live.
   */
  public static void main(String[] args) {
    try (House house = House.start("logging.level.bench=info")) {
      StorageEngine engine = house.context().getBean(StorageEngine.class);
      long before = usedHeap();
      write(house, null);
      report("written once", before, engine);
      write(house, null);
      report("written twice", before, engine);
      write(house, Duration.ofDays(1));
      report("with a time to live", before, engine);
    }
  }

  private static void write(House house, @Nullable Duration ttl) {
    for (int i = 0; i < ENTRIES; i++) {
      var _ = house.put(House.key(i), ttl);
    }
  }

  private static void report(String what, long before, StorageEngine engine) {
    log.info(
        "{} entries, {}: {} bytes of heap each; the engine reckons {}",
        ENTRIES,
        what,
        (usedHeap() - before) / ENTRIES,
        engine.usage().bytes() / ENTRIES);
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
