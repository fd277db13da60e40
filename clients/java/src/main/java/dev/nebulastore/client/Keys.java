package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Checks keys and prefixes before they are sent. */
final class Keys {

  private Keys() {}

  /**
   * Returns the text if it can be encoded in UTF-8. An unpaired surrogate can't: it would arrive as
   * a question mark, which is another key.
   */
  static String encodable(String text) {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("a key or prefix has an unpaired surrogate");
    }
    return text;
  }
}
