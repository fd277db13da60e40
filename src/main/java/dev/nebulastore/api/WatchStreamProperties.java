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
 * @param heartbeat how long a stream may be silent, 10ms to 10m: then a comment is sent, by which
 *     the client sees that the server is there, and the server whether the client is
 */
@Validated
@ConfigurationProperties("nebula.watch")
record WatchStreamProperties(
    @DefaultValue("15s") @DurationMin(millis = 10) @DurationMax(minutes = 10) Duration heartbeat) {}
