package dev.nebulastore.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What requests may do.
 *
 * @param requirePreconditions whether an overwrite without a condition is refused with 428
 * @param limits how large things may be
 */
@ConfigurationProperties("nebula")
record ApiProperties(
    @DefaultValue("false") boolean requirePreconditions, @DefaultValue Limits limits) {

  /**
   * How large things may be.
   *
   * @param valueSize the largest value, 1B to 64MB; a larger one is refused with 413
   * @param transactionSize the largest transaction as it is sent, 1KB to 64MB; a larger one is
   *     refused with 413
   */
  record Limits(
      @DefaultValue("1MB") DataSize valueSize, @DefaultValue("4MB") DataSize transactionSize) {

    private static final DataSize MAX = DataSize.ofMegabytes(64);

    /** Refuses a size that is out of bounds. */
    Limits {
      if (valueSize.toBytes() < 1 || valueSize.compareTo(MAX) > 0) {
        throw new IllegalArgumentException("value-size must be from 1B to 64MB");
      }
      if (transactionSize.toBytes() < 1_024 || transactionSize.compareTo(MAX) > 0) {
        throw new IllegalArgumentException("transaction-size must be from 1KB to 64MB");
      }
    }
  }
}
