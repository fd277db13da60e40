package dev.nebulastore.client;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** The data of a change on a watch, as the server writes it. */
record EventJson(
    String key,
    String etag,
    @Nullable String contentType,
    @Nullable String value,
    @Nullable String base64) {

  /** Requires a key and its version. */
  EventJson {
    requireNonNull(key);
    requireNonNull(etag);
  }

  /** The event, or null if its name is unknown: a later version of the server may have added it. */
  static @Nullable Event read(String name, String id, String data) {
    return switch (name) {
      case "put", "touch" -> {
        EventJson put = read(data);
        Value value = ValueJson.toValue(put.contentType, put.value, put.base64);
        yield new Event.Put(id, put.key, put.etag, value);
      }
      case "delete" -> {
        EventJson deletion = read(data);
        yield new Event.Delete(id, deletion.key, deletion.etag);
      }
      case "expire" -> {
        EventJson expiry = read(data);
        yield new Event.Expire(id, expiry.key, expiry.etag);
      }
      case "reset" -> new Event.Reset(id);
      default -> null;
    };
  }

  private static EventJson read(String data) {
    return Json.read(data, EventJson.class);
  }
}
