package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of an {@link Operation}.
 *
 * @param status as the same operation alone would have had it: 201 for a new key, 404 for none
 * @param etag the version that was written or read, if one was
 * @param value what was read
 * @param expires when the entry expires, if it does
 * @param problem why it was not done, or that there is no such key
 */
public record Result(
    int status,
    @Nullable String etag,
    @Nullable Value value,
    @Nullable Instant expires,
    @Nullable NebulaStoreException problem) {

  /** Whether it was done. */
  public boolean succeeded() {
    return problem == null;
  }

  /** The same result, if it was done. */
  public Result orThrow() {
    if (problem != null) {
      throw problem;
    }
    return this;
  }
}
