package dev.nebulastore.api;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What requests may do.
 *
 * @param requirePreconditions whether a write that overwrites an entry without a condition is
 *     refused with 428
 * @param fastPath whether event loops serve common requests for one key without Tomcat. Not used
 *     with TLS, or if Tomcat has valves of its own, such as an access log
 * @param limits how large things may be, and how many
 */
@ConfigurationProperties("nebula")
record ApiProperties(
    @DefaultValue("false") boolean requirePreconditions,
    @DefaultValue("true") boolean fastPath,
    @DefaultValue Limits limits) {

  /**
   * How large things may be, and how many.
   *
   * @param valueSize the largest value, 1B to 64MB. Larger ones are refused with 413. More than 1MB
   *     needs a heap of 64MB and six times the value
   * @param transactionSize the largest transaction, as sent, 1KB to 64MB. Larger ones are refused
   *     with 413
   * @param requests the number of requests in flight, watchers included, at least 16. More are
   *     refused with 503; by default one for each 192 KB of the heap
   * @param connections the number of open connections, at least 16. At the limit, the longest idle
   *     connection is closed for a new one; if none is idle, requests on the new one are refused
   *     with 503. Replaces server.tomcat.max-connections; by default one for each 16 KB of the
   *     heap, at most 16384 and no more than the limit of open files (ulimit -n) allows. A larger
   *     value than that fails the start
   * @param contentMemory the memory for the values and transactions of all requests in flight, at
   *     least 2MB and twice value-size, since a value is copied once. Requests that find no room
   *     are refused with 503; by default an eighth of the heap
   */
  record Limits(
      @DefaultValue("1MB") DataSize valueSize,
      @DefaultValue("4MB") DataSize transactionSize,
      @Nullable Integer requests,
      @Nullable Integer connections,
      @Nullable DataSize contentMemory) {

    private static final DataSize MAX = DataSize.ofMegabytes(64);
    private static final int MIN_COUNT = 16;
    private static final int MAX_CONNECTIONS = 16_384;
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    /** Any heap on which the server starts serves values of this size. */
    private static final DataSize ANY_HEAP = DataSize.ofMegabytes(1);

    /** What a heap is for beside values, and how many of the largest have to find room in it. */
    private static final DataSize BESIDE_VALUES = DataSize.ofMegabytes(64);

    private static final int LARGEST_AT_ONCE = 6;

    /** While a value is read, or its body grows, there are two. */
    private static final int COPIES = 2;

    /** An array takes at most a region of the heap more than its bytes. */
    private static final DataSize REGION = DataSize.ofMegabytes(1);

    /** Refuses what is out of bounds. */
    Limits {
      if (valueSize.toBytes() < 1 || valueSize.compareTo(MAX) > 0) {
        throw new IllegalArgumentException("value-size must be from 1B to 64MB");
      }
      requireHeap(valueSize, HEAP);
      if (transactionSize.toBytes() < 1_024 || transactionSize.compareTo(MAX) > 0) {
        throw new IllegalArgumentException("transaction-size must be from 1KB to 64MB");
      }
      if (requests != null && requests < MIN_COUNT) {
        throw new IllegalArgumentException("requests must be at least " + MIN_COUNT);
      }
      if (connections != null && connections < MIN_COUNT) {
        throw new IllegalArgumentException("connections must be at least " + MIN_COUNT);
      }
      if (contentMemory != null
          && contentMemory.compareTo(larger(forOne(valueSize), transactionSize)) < 0) {
        throw new IllegalArgumentException(
            "content-memory must be at least as much as transaction-size and as %dMB, twice"
                    .formatted(forOne(valueSize).toMegabytes())
                + " value-size and 2MB");
      }
    }

    /** Refuses values for which a heap of so many bytes is too small. */
    static void requireHeap(DataSize valueSize, long heap) {
      long needed = BESIDE_VALUES.toBytes() + LARGEST_AT_ONCE * valueSize.toBytes();
      if (valueSize.compareTo(ANY_HEAP) > 0 && heap < needed) {
        long most =
            Math.max(ANY_HEAP.toBytes(), (heap - BESIDE_VALUES.toBytes()) / LARGEST_AT_ONCE);
        throw new IllegalArgumentException(
            "value-size must be at most %dMB with a heap of %dMB; for this size it takes %dMB (-Xmx)"
                .formatted(most >> 20, heap >> 20, (needed + (1 << 20) - 1) >> 20));
      }
    }

    /** What one request takes that reads or writes a value of this size, rounded up. */
    private static DataSize forOne(DataSize valueSize) {
      long each = valueSize.toBytes() + REGION.toBytes();
      return DataSize.ofMegabytes((COPIES * each + REGION.toBytes() - 1) >> 20);
    }

    int requestsOrDefault() {
      return requests != null ? requests : perHeap(DataSize.ofKilobytes(192));
    }

    int connectionsOrDefault() {
      return connections != null
          ? connections
          : Math.min(MAX_CONNECTIONS, perHeap(DataSize.ofKilobytes(16)));
    }

    DataSize contentMemoryOrDefault() {
      return contentMemory != null
          ? contentMemory
          : larger(DataSize.ofBytes(HEAP / 8), larger(forOne(valueSize), transactionSize));
    }

    /** The most that a body may have that is not refused for its length. */
    long largest() {
      return larger(valueSize, transactionSize).toBytes();
    }

    private static int perHeap(DataSize each) {
      return Math.clamp(HEAP / each.toBytes(), MIN_COUNT, Integer.MAX_VALUE);
    }

    private static DataSize larger(DataSize one, DataSize other) {
      return one.compareTo(other) < 0 ? other : one;
    }
  }
}
