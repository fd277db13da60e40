package dev.nebulastore.storage.rocksdb;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How the durable engine works.
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
 *     with 507 while deletes go on
 * @param reclaimRate the bytes a second that may be read and written to free the space of deleted
 *     entries on a nearly full disk, 0 to 1TB. With 0 the space is freed only when RocksDB compacts
 *     by itself
 * @param readThreads the number of concurrent reads from disk, 1 to 256
 * @param retryDelay the first pause before a failed disk is tried again, 10ms to 1h. Doubled up to
 *     max-retry-delay
 * @param maxRetryDelay the longest pause before a failed disk is tried again, 10ms to 1h
 */
@Validated
@ConfigurationProperties("nebula.storage.rocksdb")
record RocksDbProperties(
    @DefaultValue("always") Sync sync,
    @DefaultValue("100ms") @DurationMin(millis = 1) @DurationMax(minutes = 1) Duration syncInterval,
    @DefaultValue("false") boolean salvage,
    @DefaultValue("128MB") DataSize cacheSize,
    @DefaultValue("32MB") DataSize memtableSize,
    @DefaultValue("128MB") DataSize minFreeSpace,
    @DefaultValue("32MB") DataSize reclaimRate,
    @DefaultValue("4") @Min(1) @Max(256) int readThreads,
    @DefaultValue("500ms") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration retryDelay,
    @DefaultValue("15s") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration maxRetryDelay) {

  private static final DataSize MOST = DataSize.ofTerabytes(1);

  RocksDbProperties {
    require("cache-size", cacheSize, DataSize.ofMegabytes(8), MOST);
    require(
        "memtable-size",
        memtableSize,
        DataSize.ofMegabytes(4),
        DataSize.ofBytes(cacheSize.toBytes() / 2));
    require("min-free-space", minFreeSpace, DataSize.ofBytes(0), MOST);
    require("reclaim-rate", reclaimRate, DataSize.ofBytes(0), MOST);
    if (maxRetryDelay.compareTo(retryDelay) < 0) {
      throw new IllegalArgumentException("max-retry-delay must be at least retry-delay");
    }
  }

  private static void require(String name, DataSize size, DataSize least, DataSize most) {
    if (size.compareTo(least) < 0 || size.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s must be from %dMB to %dMB".formatted(name, least.toMegabytes(), most.toMegabytes()));
    }
  }

  /** When a write is on disk. */
  enum Sync {
    /** Before it is answered. */
    ALWAYS,
    /** Soon. */
    INTERVAL,
    /** When the system likes. */
    NEVER
  }
}
