package dev.nebulastore.storage.memory;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The bound of the memory engine.
 *
 * @param maxSize the memory for entries: keys, values and bookkeeping, at least 1MB. When it is
 *     used up, writes are refused with 507; by default half of the heap
 */
@ConfigurationProperties("nebula.storage.memory")
record MemoryProperties(@Nullable DataSize maxSize) {

  /** Refuses a size that holds next to nothing. */
  MemoryProperties {
    if (maxSize != null && maxSize.compareTo(DataSize.ofMegabytes(1)) < 0) {
      throw new IllegalArgumentException("max-size must be at least 1MB");
    }
  }

  DataSize maxSizeOrDefault() {
    return maxSize != null ? maxSize : DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 2);
  }
}
