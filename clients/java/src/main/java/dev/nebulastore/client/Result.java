package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of an {@link Operation}.
 *
 * @param status the HTTP status that a single request would have: 201 for a new key, 404 for none
 * @param etag the version that was written or read, or null
 * @param value the value that was read, or null
 * @param expires when the entry expires, or null
 * @param problem why it failed, or that the key is absent; null on success
 */
public record Result(
    int status,
    @Nullable String etag,
    @Nullable Value value,
    @Nullable Instant expires,
    @Nullable NebulaStoreException problem) {

  /** Whether the operation succeeded. */
  public boolean succeeded() {
    return problem == null;
  }

  /** Returns this result, or throws its problem. */
  public Result orThrow() {
    if (problem != null) {
      throw problem;
    }
    return this;
  }
}
