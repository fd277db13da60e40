package dev.nebulastore.storage.memory;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The limit of the memory engine.
 *
 * @param maxSize the memory for entries: keys, values and bookkeeping, at least 1MB. When it is
 *     used up, writes are refused with 507; by default half of the heap
 */
@Validated
@ConfigurationProperties("nebula.storage.memory")
record MemoryProperties(@Nullable @Min(1 << 20) DataSize maxSize) {

  DataSize maxSizeOrDefault() {
    return maxSize != null ? maxSize : DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 2);
  }
}
