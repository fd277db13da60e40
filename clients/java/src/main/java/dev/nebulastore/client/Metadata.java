package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of an entry.
 *
 * @param etag the version, as {@link Condition} takes it
 * @param size the number of bytes of the value
 * @param contentType its media type
 * @param modified when it was written, in whole seconds
 * @param expires when it expires, or null if it does not
 */
public record Metadata(
    String etag, long size, String contentType, Instant modified, @Nullable Instant expires) {}
