package dev.nebulastore.client;

import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A line of a listing with values: the operation that stores an entry, as the server writes it. */
record DumpJson(
    String key,
    String contentType,
    @Nullable Instant expires,
    @Nullable String value,
    @Nullable String base64) {

  Operation toOperation() {
    Value content = ValueJson.toValue(contentType, value, base64);
    if (content == null) {
      throw NebulaStoreException.noAnswer(new IOException("a line has no value"), null);
    }
    return new Operation.Put(key, content, null, expires, Condition.none());
  }
}
