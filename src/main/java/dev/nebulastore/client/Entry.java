package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is stored under a key.
 *
 * @param value the bytes and their media type
 * @param etag the version, as {@link Condition} takes it
 * @param modified when it was written, to the second
 * @param expires when it expires, if it does
 */
public record Entry(Value value, String etag, Instant modified, @Nullable Instant expires) {

  /** The value read as UTF-8. */
  public String text() {
    return value.text();
  }
}
