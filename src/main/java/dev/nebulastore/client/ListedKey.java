package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key of a listing, with what is known of its entry.
 *
 * @param key the key
 * @param etag the version, as {@link Condition} takes it
 * @param size the number of bytes of the value
 * @param contentType its media type
 * @param modified when it was written
 * @param expires when it expires, if it does
 */
public record ListedKey(
    String key,
    String etag,
    long size,
    String contentType,
    Instant modified,
    @Nullable Instant expires) {}
