package dev.nebulastore.api;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How changes are streamed.
 *
 * @param heartbeat the longest silence of a stream, 10ms to 10m. Then a comment is sent, by which
 *     each side sees that the other is there
 */
@Validated
@ConfigurationProperties("nebula.watch")
record WatchStreamProperties(
    @DefaultValue("15s") @DurationMin(millis = 10) @DurationMax(minutes = 10) Duration heartbeat) {}
