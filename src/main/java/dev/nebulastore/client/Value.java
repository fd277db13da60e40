package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and their media type, both kept exactly.
 *
 * @param bytes the content; not copied, since it may be large: who makes a value gives them away
 * @param contentType the {@code Content-Type}, parameters and spelling included
 */
// A record of an array on purpose: see the parameter.
@SuppressWarnings("ArrayRecordComponent")
public record Value(byte[] bytes, String contentType) {

  /** Text in UTF-8. */
  public static Value text(String text) {
    return new Value(text.getBytes(UTF_8), "text/plain;charset=UTF-8");
  }

  /** A JSON document. */
  public static Value json(String document) {
    return new Value(document.getBytes(UTF_8), "application/json");
  }

  /** Bytes of no particular kind. */
  public static Value bytes(byte... bytes) {
    return new Value(bytes, "application/octet-stream");
  }

  /** The content read as UTF-8, whatever the media type says. */
  public String text() {
    return new String(bytes, UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Value(byte[] otherBytes, String otherType)
        && contentType.equals(otherType)
        && Arrays.equals(bytes, otherBytes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bytes) + contentType.hashCode();
  }

  /** The size and the type; never the content, which belongs in no log. */
  @Override
  public String toString() {
    return "Value[" + bytes.length + " bytes, " + contentType + "]";
  }
}
