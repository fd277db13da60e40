package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The result of an operation of a batch or a transaction, as the server writes it. */
record ResultJson(
    int status,
    @Nullable String etag,
    @Nullable String contentType,
    @Nullable String value,
    @Nullable String base64,
    @Nullable Instant expires,
    @Nullable ProblemJson problem) {

  Result toResult() {
    return new Result(
        status,
        etag,
        ValueJson.toValue(contentType, value, base64),
        expires,
        problem == null ? null : ProblemReader.of(problem));
  }
}
