package dev.nebulastore.watch;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How far back changes can be told, and to how many.
 *
 * @param history the number of changes kept for watchers, 1 to 1,000,000. A watcher that falls
 *     further behind gets a reset
 * @param historySize the memory for these changes, values included, 1KB to 1GB. The newest change
 *     is kept whatever its size; by default a sixteenth of the heap, at most 16MB
 * @param maxSubscribers the number of concurrent watchers, long polls included, 1 to 1,000,000.
 *     More are refused with 503; by default one for each 384 KB of the heap, at most 4096
 */
@Validated
@ConfigurationProperties("nebula.watch")
record WatchProperties(
    @DefaultValue("10000") @Min(1) @Max(1_000_000) int history,
    @Nullable DataSize historySize,
    @Nullable @Min(1) @Max(1_000_000) Integer maxSubscribers) {

  /** Half of the requests that may be in flight by default: as much is left for others. */
  private static final DataSize HEAP_FOR_EACH = DataSize.ofKilobytes(384);

  private static final int MAX_BY_DEFAULT = 4_096;

  private static final DataSize HISTORY_BY_DEFAULT = DataSize.ofMegabytes(16);
  private static final DataSize MIN_SIZE = DataSize.ofKilobytes(1);
  private static final DataSize MAX_SIZE = DataSize.ofGigabytes(1);

  /** Refuses a size that is out of bounds. */
  WatchProperties {
    if (historySize != null
        && (historySize.compareTo(MIN_SIZE) < 0 || historySize.compareTo(MAX_SIZE) > 0)) {
      throw new IllegalArgumentException("history-size must be from 1KB to 1GB");
    }
  }

  DataSize historySizeOrDefault() {
    return historySize != null
        ? historySize
        : DataSize.ofBytes(
            Math.min(HISTORY_BY_DEFAULT.toBytes(), Runtime.getRuntime().maxMemory() / 16));
  }

  int maxSubscribersOrDefault() {
    return maxSubscribers != null
        ? maxSubscribers
        : Math.clamp(Runtime.getRuntime().maxMemory() / HEAP_FOR_EACH.toBytes(), 1, MAX_BY_DEFAULT);
  }
}
