package dev.nebulastore.shard;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The number of shards, their share of the ring, and their limits.
 *
 * @param count the number of shards at the start, 1 to 1,024
 * @param mailboxCapacity the number of commands that wait for one shard, 1 to 1,048,576. More are
 *     refused with 503
 * @param deadline how long a command may take, 10ms to 5m. A command that was not started by then
 *     is dropped; one that is being executed gets 504
 * @param barrier how long a transaction may wait for its shards and block them, 10ms to 10s. Then
 *     it is refused with 503. A move of keys between shards has the same limit, and is tried again.
 *     Must be less than nebula.supervision.stuck-after
 * @param virtualPoints the number of points of each shard on the ring, 1 to 1,024. More points
 *     share the keys more evenly and take more memory (12 bytes each)
 */
@Validated
@ConfigurationProperties("nebula.shards")
record ShardProperties(
    @DefaultValue("5") @Min(1) @Max(ShardProperties.MAX_COUNT) int count,
    @DefaultValue("4096") @Min(1) @Max(1_048_576) int mailboxCapacity,
    @DefaultValue("5s") @DurationMin(millis = 10) @DurationMax(minutes = 5) Duration deadline,
    @DefaultValue("500ms") @DurationMin(millis = 10) @DurationMax(seconds = 10) Duration barrier,
    @DefaultValue("512") @Min(1) @Max(1_024) int virtualPoints) {

  static final int MAX_COUNT = 1_024;
}
