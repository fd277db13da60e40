package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Values within JSON: as a string if they are valid UTF-8, and in Base64 otherwise. */
final class ValueJson {

  private ValueJson() {}

  /** The value that these members hold, or null if they hold none. */
  static @Nullable Value toValue(
      @Nullable String contentType, @Nullable String text, @Nullable String base64) {
    if (contentType == null) {
      return null;
    }
    if (text != null) {
      return new Value(text.getBytes(UTF_8), contentType);
    }
    return base64 == null ? null : new Value(Base64.getDecoder().decode(base64), contentType);
  }
}
