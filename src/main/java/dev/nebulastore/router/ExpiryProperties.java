package dev.nebulastore.router;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The sweep of expired entries. They are absent immediately, whatever is set here.
 *
 * @param interval the pause between two sweeps that delete expired entries, 10ms to 1h. Expired
 *     entries are never served, swept or not
 * @param step the number of expired entries that a sweep looks up at a time, 1 to 100,000
 */
@Validated
@ConfigurationProperties("nebula.expiry")
record ExpiryProperties(
    @DefaultValue("1s") @DurationMin(millis = 10) @DurationMax(hours = 1) Duration interval,
    @DefaultValue("1000") @Min(1) @Max(100_000) int step) {}
