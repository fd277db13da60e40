package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an entry without its bytes.
 *
 * @param etag the version, as {@link Condition} takes it
 * @param size the number of bytes of the value
 * @param contentType its media type
 * @param modified when it was written, to the second
 * @param expires when it expires, if it does
 */
public record Metadata(
    String etag, long size, String contentType, Instant modified, @Nullable Instant expires) {}
