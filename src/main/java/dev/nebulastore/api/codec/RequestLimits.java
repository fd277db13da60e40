package dev.nebulastore.api.codec;

import org.springframework.util.unit.DataSize;

/**
 * What requests may bring.
 *
 * @param valueSize the largest value
 * @param transactionSize the largest transaction, as sent
 * @param transactionKeys the most keys that a transaction names
 * @param requirePreconditions whether a write that overwrites an entry needs a condition
 */
public record RequestLimits(
    DataSize valueSize,
    DataSize transactionSize,
    int transactionKeys,
    boolean requirePreconditions) {}
