package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The entry of a key.
 *
 * @param value the bytes and their media type
 * @param etag the version, as {@link Condition} takes it
 * @param modified when it was written, in whole seconds
 * @param expires when it expires, or null if it does not
 */
public record Entry(Value value, String etag, Instant modified, @Nullable Instant expires) {

  /** The value, decoded as UTF-8. */
  public String text() {
    return value.text();
  }
}
