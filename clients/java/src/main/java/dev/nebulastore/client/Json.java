package dev.nebulastore.client;

import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes the JSON of the HTTP API. Each kind of document is a record of its own.
 *
 * <p>Threads: safe for use by multiple threads.
 */
final class Json {

  private static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  static byte[] write(Object document) {
    return MAPPER.writeValueAsBytes(document);
  }

  /** Reads a response; unknown members are ignored. If it is malformed, there is no answer. */
  static <T> T read(byte[] json, Class<T> type) {
    return present(() -> MAPPER.readValue(json, type));
  }

  /** Reads a line of a response. */
  static <T> T read(String json, Class<T> type) {
    return present(() -> MAPPER.readValue(json, type));
  }

  private static <T> T present(Supplier<@Nullable T> parser) {
    T document;
    try {
      document = parser.get();
    } catch (JacksonException e) {
      throw NebulaStoreException.noAnswer(e, null);
    }
    if (document == null) {
      throw NebulaStoreException.noAnswer(new IOException("the response is null"), null);
    }
    return document;
  }
}
