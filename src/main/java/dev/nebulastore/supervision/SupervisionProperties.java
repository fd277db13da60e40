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
 * When a worker is replaced, and when its shard is set aside.
 *
 * @param maxRestarts more restarts of a shard than this within the time below set it aside, 0 to
 *     1,000
 * @param within the sliding window in which restarts are counted, 1ms to 1h
 * @param stuckAfter how long a worker may make no progress while work waits and virtual threads get
 *     a processor, 100ms to 10m; more than nebula.shards.barrier
 * @param interval how often the supervisor looks for the stuck, 10ms to 1m
 * @param retryDelay how long a shard rests when it is first set aside, 10ms to 1h; doubled each
 *     time that it dies again too soon, and varied by up to a fifth
 * @param maxRetryDelay how long it rests at most, 10ms to 24h
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
