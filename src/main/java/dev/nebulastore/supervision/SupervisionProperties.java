package dev.nebulastore.supervision;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * When a worker is replaced, and when its shard is quarantined.
 *
 * @param maxRestarts the number of restarts of a shard that are allowed within
 *     nebula.supervision.within, 0 to 1,000. One more quarantines the shard
 * @param within the sliding window in which restarts are counted, 1ms to 1h
 * @param stuckAfter how long a worker may make no progress while work waits, 100ms to 10m. Only
 *     time counts in which virtual threads get a processor. Must be greater than
 *     nebula.shards.barrier
 * @param interval how often the supervisor looks for stuck workers, 10ms to 1m
 * @param retryDelay the first pause before a quarantined shard is tried again, 10ms to 1h. Doubled
 *     each time that it fails again soon, and varied by up to a fifth
 * @param maxRetryDelay the longest pause before a quarantined shard is tried again, 10ms to 24h
 */
@Validated
@ConfigurationProperties("nebula.supervision")
record SupervisionProperties(
    @DefaultValue("3") @Min(0) @Max(1_000) int maxRestarts,
    @DefaultValue("5s") @DurationMin(millis = 1) @DurationMax(hours = 1) Duration within,
    @DefaultValue("2s") @DurationMin(millis = 100) @DurationMax(minutes = 10) Duration stuckAfter,
    @DefaultValue("250ms") @DurationMin(millis = 10) @DurationMax(minutes = 1) Duration interval,
    @DefaultValue("1s") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration retryDelay,
    @DefaultValue("1m") @DurationMin(millis = 10) @DurationMax(hours = 24)
        Duration maxRetryDelay) {}
