package dev.nebulastore.client;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key of a listing, with the metadata of its entry.
 *
 * @param key the key
 * @param etag the version, as {@link Condition} takes it
 * @param size the number of bytes of the value
 * @param contentType its media type
 * @param modified when it was written
 * @param expires when it expires, or null if it does not
 */
public record ListedKey(
    String key,
    String etag,
    long size,
    String contentType,
    Instant modified,
    @Nullable Instant expires) {

  /** Requires all but the expiry. */
  public ListedKey {
    requireNonNull(key);
    requireNonNull(etag);
    requireNonNull(contentType);
    requireNonNull(modified);
  }
}
