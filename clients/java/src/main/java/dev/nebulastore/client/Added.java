package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of an addition.
 *
 * @param sum the new number, which is the value of the entry
 * @param etag the new version
 * @param created whether the key was absent before
 * @param expires when the entry expires, or null if it does not
 */
public record Added(long sum, String etag, boolean created, @Nullable Instant expires) {}
