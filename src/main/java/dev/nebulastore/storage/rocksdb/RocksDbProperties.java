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
 * @param sync when a write is on disk: always, before it is answered; interval, within
 *     sync-interval, so that a power cut loses what was answered since; never, when the system
 *     likes, so that a power cut may lose the last half minute. A crash of the process alone loses
 *     nothing with any of them
 * @param syncInterval the pause between two syncs with sync=interval, 1ms to 1m
 * @param salvage start although a log is damaged, and drop what can't be read of it
 * @param cacheSize the memory for blocks of data, indexes and filters, 8MB to 1TB; the memory of
 *     recent writes is part of it
 * @param memtableSize the memory for recent writes, 4MB to half of cache-size
 * @param minFreeSpace what is kept free on the disk: with less of it writes are refused with 507,
 *     while deletes go on; 0 to 1TB
 * @param reclaimRate what may be read and written in a second to free the space of deleted entries
 *     when the disk gets full, 0 to 1TB; 0 for none, so that it stays full until RocksDB compacts
 *     by itself
 * @param readThreads how many reads may wait for the disk at once, 1 to 256
 * @param retryDelay the first pause before a disk that failed is tried again; doubled up to
 *     max-retry-delay, 10ms to 1h
 * @param maxRetryDelay the longest pause before a disk that failed is tried again, 10ms to 1h
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
