package dev.nebulastore.router;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How finely the ring is divided.
 *
 * @param virtualPoints the number of points of each shard on the ring, 1 to 1,024. More points
 *     share the keys more evenly and take more memory (12 bytes each)
 */
@Validated
@ConfigurationProperties("nebula.shards")
record RouterProperties(@DefaultValue("512") @Min(1) @Max(1_024) int virtualPoints) {}
