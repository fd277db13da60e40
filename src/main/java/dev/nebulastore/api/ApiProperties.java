package dev.nebulastore.api;

import dev.nebulastore.http.CallerMaximum;
import dev.nebulastore.kv.Transaction;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of requests, and how they are served.
 *
 * @param requirePreconditions whether a write that overwrites an entry without a condition is
 *     refused with 428
 * @param fastPath whether event loops serve common requests for one key without Tomcat. Not used
 *     with TLS, or if Tomcat has valves of its own, such as an access log
 * @param limits limits of sizes and counts
 */
@Validated
@ConfigurationProperties("nebula")
record ApiProperties(
    @DefaultValue("false") boolean requirePreconditions,
    @DefaultValue("true") boolean fastPath,
    @Valid @DefaultValue Limits limits) {

  /**
   * Limits of sizes and counts.
   *
   * @param valueSize the largest value, 1B to 64MB. Larger ones are refused with 413. More than 1MB
   *     needs a heap of 64MB and six times the value
   * @param transactionSize the largest transaction, as sent, 1KB to 64MB. Larger ones are refused
   *     with 413
   * @param transactionKeys the most keys that a transaction names, 1 to 1024. The shards of all of
   *     them stand still while it is applied
   * @param requests the number of requests in flight, watchers included, at least 16. More are
   *     refused with 503; by default one for each 192 KB of the heap
   * @param connections the number of open connections, at least 16. At the limit, the longest idle
   *     connection is closed for a new one; if none is idle, requests on the new one are refused
   *     with 503. Replaces server.tomcat.max-connections; by default one for each 16 KB of the
   *     heap, with TLS for each 160 KB, at most 16384 and no more than the limit of open files
   *     (ulimit -n) allows. A larger value than that fails the start
   * @param streams the number of concurrent streams of HTTP/2, at least 16. More are refused, and
   *     clients repeat them. An eighth of them may have bodies, more get 503; by default one for
   *     each 128 KB of the heap
   * @param contentMemory the memory for the values and transactions of all requests in flight, at
   *     least 2MB and twice value-size, since a value is copied once. Requests that find no room
   *     are refused with 503; by default an eighth of the heap
   * @param perCaller what one caller may take
   */
  record Limits(
      @DefaultValue("1MB") @Min(1) @Max(64 << 20) DataSize valueSize,
      @DefaultValue("4MB") @Min(1 << 10) @Max(64 << 20) DataSize transactionSize,
      @DefaultValue("128") @Min(1) @Max(Transaction.MAX_KEYS) int transactionKeys,
      @Nullable @Min(16) Integer requests,
      @Nullable @Min(16) Integer connections,
      @Nullable @Min(16) Integer streams,
      @Nullable DataSize contentMemory,
      @Valid @DefaultValue PerCaller perCaller) {

    private static final int MIN_COUNT = 16;
    private static final int MAX_CONNECTIONS = 16_384;

    /** What a connection may take of the heap, so that half of it is left if all are idle. */
    private static final DataSize CLEAR_CONNECTION = DataSize.ofKilobytes(16);

    /** Tomcat keeps four buffers of one TLS record each, 72 KB with the state of the engine. */
    private static final DataSize TLS_CONNECTION = DataSize.ofKilobytes(160);

    private static final int MAX_SIZE = 64 << 20;
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    /** Values up to this size need no more heap than the server itself. */
    private static final DataSize ANY_HEAP = DataSize.ofMegabytes(1);

    /** The heap for everything but values, and the number of largest values beside it. */
    private static final DataSize BESIDE_VALUES = DataSize.ofMegabytes(64);

    private static final int LARGEST_AT_ONCE = 6;

    /** A value exists twice while it is read, or while its body grows. */
    private static final int COPIES = 2;

    /** An array takes up to one region of the heap more than its bytes. */
    private static final DataSize REGION = DataSize.ofMegabytes(1);

    /** Refuses values that contradict each other; the annotations above limit each by itself. */
    Limits {
      if (valueSize.toBytes() <= MAX_SIZE) {
        requireHeap(valueSize, HEAP);
      }
      if (contentMemory != null
          && contentMemory.compareTo(larger(forOne(valueSize), transactionSize)) < 0) {
        throw new InvalidConfigurationPropertyValueException(
            "nebula.limits.content-memory",
            contentMemory,
            "must be at least as much as transaction-size and as %dMB, twice value-size and 2MB"
                .formatted(forOne(valueSize).toMegabytes()));
      }
      perCaller.requireContentMemory(larger(forOne(valueSize), transactionSize));
    }

    /** Refuses values for which a heap of so many bytes is too small. */
    static void requireHeap(DataSize valueSize, long heap) {
      long needed = BESIDE_VALUES.toBytes() + LARGEST_AT_ONCE * valueSize.toBytes();
      if (valueSize.compareTo(ANY_HEAP) > 0 && heap < needed) {
        long most =
            Math.max(ANY_HEAP.toBytes(), (heap - BESIDE_VALUES.toBytes()) / LARGEST_AT_ONCE);
        throw new InvalidConfigurationPropertyValueException(
            "nebula.limits.value-size",
            valueSize,
            "must be at most %dMB with a heap of %dMB; for this size it takes %dMB (-Xmx)"
                .formatted(most >> 20, heap >> 20, (needed + (1 << 20) - 1) >> 20));
      }
    }

    /** The memory for one request that reads or writes a value of this size, rounded up. */
    private static DataSize forOne(DataSize valueSize) {
      long each = valueSize.toBytes() + REGION.toBytes();
      return DataSize.ofMegabytes((COPIES * each + REGION.toBytes() - 1) >> 20);
    }

    int requestsOrDefault() {
      return requests != null ? requests : perHeap(HEAP, DataSize.ofKilobytes(192));
    }

    int streamsOrDefault() {
      return streams != null ? streams : perHeap(HEAP, DataSize.ofKilobytes(128));
    }

    /**
     * The number of connections.
     *
     * @param tls whether they are encrypted
     * @param heap in bytes
     */
    int connectionsOrDefault(boolean tls, long heap) {
      return connections != null
          ? connections
          : Math.min(MAX_CONNECTIONS, perHeap(heap, heapOfConnection(tls)));
    }

    /**
     * Why a heap of so many bytes may be too small for the connections that are configured; empty
     * if it is not, and by default.
     */
    Optional<String> doubtfulConnections(boolean tls, long heap) {
      DataSize each = heapOfConnection(tls);
      if (connections == null || connections <= perHeap(heap, each)) {
        return Optional.empty();
      }
      return Optional.of(
          "nebula.limits.connections is %d, which may be too many for a heap of %dMB: %sit is enough for %d, with %dKB for each"
              .formatted(
                  connections,
                  heap >> 20,
                  tls ? "over TLS " : "",
                  perHeap(heap, each),
                  each.toKilobytes()));
    }

    private static DataSize heapOfConnection(boolean tls) {
      return tls ? TLS_CONNECTION : CLEAR_CONNECTION;
    }

    DataSize contentMemoryOrDefault() {
      return contentMemory != null
          ? contentMemory
          : larger(DataSize.ofBytes(HEAP / 8), larger(forOne(valueSize), transactionSize));
    }

    /** The largest body that is not refused for its length. */
    long largest() {
      return larger(valueSize, transactionSize).toBytes();
    }

    private static int perHeap(long heap, DataSize each) {
      return Math.clamp(heap / each.toBytes(), MIN_COUNT, Integer.MAX_VALUE);
    }

    private static DataSize larger(DataSize one, DataSize other) {
      return one.compareTo(other) < 0 ? other : one;
    }
  }

  /**
   * What one caller may take, so that others are served. A caller is known by the id of its token,
   * or by its address if it has none.
   *
   * @param requests the number of requests in flight, watchers included. More are refused with 429;
   *     by default unlimited
   * @param requestsPerSecond the number of requests a second, with a burst of as many. More are
   *     refused with 429. A batch or a transaction is one request; by default unlimited
   * @param watchers the number of streams and long polls. More are refused with 429; by default
   *     unlimited
   * @param connections the number of open connections of an address, with or without tokens. The
   *     next 16 are refused with 429, more are closed at once; by default unlimited
   * @param contentMemory the memory for values and transactions of requests in flight, at least
   *     2MB, twice value-size and transaction-size. Requests that find no room are refused with
   *     503; by default unlimited
   */
  record PerCaller(
      @Nullable @Min(1) Integer requests,
      @Nullable @Min(1) @Max(1_000_000) Integer requestsPerSecond,
      @Nullable @Min(1) Integer watchers,
      @Nullable @Min(1) Integer connections,
      @Nullable DataSize contentMemory) {

    private void requireContentMemory(DataSize least) {
      if (contentMemory != null && contentMemory.compareTo(least) < 0) {
        throw new InvalidConfigurationPropertyValueException(
            "nebula.limits.per-caller.content-memory",
            contentMemory,
            "must be at least %dMB, for the largest value or transaction"
                .formatted(least.toMegabytes()));
      }
    }

    CallerMaximum maximum() {
      return new CallerMaximum(
          orNone(requests),
          orNone(requestsPerSecond),
          orNone(watchers),
          contentMemory == null ? 0 : contentMemory.toBytes());
    }

    int connectionsOrNone() {
      return orNone(connections);
    }

    private static int orNone(@Nullable Integer limit) {
      return limit == null ? 0 : limit;
    }
  }
}
