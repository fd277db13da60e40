package dev.nebulastore.storage.rocksdb;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the durable engine.
 *
 * @param sync when writes are synced to disk: always, before they are answered; interval, within
 *     sync-interval, so that a power cut loses what was answered since; never, when the operating
 *     system does, so that a power cut may lose half a minute. A crash of the process alone loses
 *     nothing in any mode
 * @param syncInterval the pause between two syncs with sync=interval, 1ms to 1m
 * @param salvage whether to start on a damaged log and drop what can't be read
 * @param cacheSize the memory for data blocks, indexes and filters, recent writes included, 8MB to
 *     1TB
 * @param memtableSize the memory for recent writes, 4MB to half of cache-size
 * @param minFreeSpace the space to keep free on the disk, 0 to 1TB. With less, puts are refused
 *     with 507 while deletes continue
 * @param reclaimRate the bytes a second that may be read and written to free the space of deleted
 *     entries on a nearly full disk, 0 to 1TB. With 0 the space is freed only when RocksDB compacts
 *     by itself
 * @param readThreads the number of concurrent reads from disk, 1 to 256
 * @param retryDelay the first pause before a failed disk is tried again, 10ms to 1h. Doubled up to
 *     max-retry-delay
 * @param maxRetryDelay the longest pause before a failed disk is tried again, 10ms to 1h
 */
@Validated
@ConfigurationProperties(RocksDbProperties.PREFIX)
record RocksDbProperties(
    @DefaultValue("always") Sync sync,
    @DefaultValue("100ms") @DurationMin(millis = 1) @DurationMax(minutes = 1) Duration syncInterval,
    @DefaultValue("false") boolean salvage,
    @DefaultValue("128MB") @Min(8 << 20) @Max(1L << 40) DataSize cacheSize,
    @DefaultValue("32MB") @Min(4 << 20) DataSize memtableSize,
    @DefaultValue("128MB") @Min(0) @Max(1L << 40) DataSize minFreeSpace,
    @DefaultValue("32MB") @Min(0) @Max(1L << 40) DataSize reclaimRate,
    @DefaultValue("4") @Min(1) @Max(256) int readThreads,
    @DefaultValue("500ms") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration retryDelay,
    @DefaultValue("15s") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration maxRetryDelay) {

  static final String PREFIX = "nebula.storage.rocksdb";

  /** Refuses values that contradict each other; the annotations above limit each by itself. */
  RocksDbProperties {
    long half = cacheSize.toBytes() / 2;
    if (memtableSize.toBytes() > half && half >= 4 << 20) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + ".memtable-size",
          memtableSize,
          "must be at most half of cache-size, which is %dMB".formatted(cacheSize.toMegabytes()));
    }
    if (maxRetryDelay.compareTo(retryDelay) < 0) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + ".max-retry-delay", maxRetryDelay, "must be at least retry-delay");
    }
  }

  /** When a write is synced to disk. */
  enum Sync {
    /** Before it is acknowledged. */
    ALWAYS,
    /** Within {@code sync-interval}. */
    INTERVAL,
    /** When the operating system does. */
    NEVER
  }
}
