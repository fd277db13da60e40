package dev.nebulastore.watch;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the change history, of the number of watchers and of silence on a stream.
 *
 * @param history the number of changes kept for watchers, 1 to 1,000,000. A watcher that falls
 *     further behind gets a reset
 * @param historySize the memory for the change history, values included, 1KB to 1GB. The newest
 *     change is kept whatever its size; by default a sixteenth of the heap, at most 16MB
 * @param maxSubscribers the number of concurrent watchers, long polls included, 1 to 1,000,000.
 *     More are refused with 503; by default one for each 384 KB of the heap, at most 4096
 * @param heartbeat the longest silence of a stream, 10ms to 10m. Then the server sends a comment,
 *     so that both sides notice a broken connection
 * @param maxWait the longest wait of a long poll, 1s to 1h; longer ones are reduced to it. Proxies
 *     close a connection that is silent for too long, often after 60 s
 */
@Validated
@ConfigurationProperties("nebula.watch")
record WatchProperties(
    @DefaultValue("10000") @Min(1) @Max(1_000_000) int history,
    @Nullable @Min(1 << 10) @Max(1 << 30) DataSize historySize,
    @Nullable @Min(1) @Max(1_000_000) Integer maxSubscribers,
    @DefaultValue("15s") @DurationMin(millis = 10) @DurationMax(minutes = 10) Duration heartbeat,
    @DefaultValue("50s") @DurationMin(seconds = 1) @DurationMax(hours = 1) Duration maxWait) {

  /** Half of the default of nebula.limits.requests, so that other requests find room. */
  private static final DataSize HEAP_FOR_EACH = DataSize.ofKilobytes(384);

  private static final int MAX_BY_DEFAULT = 4_096;

  private static final DataSize HISTORY_BY_DEFAULT = DataSize.ofMegabytes(16);

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
