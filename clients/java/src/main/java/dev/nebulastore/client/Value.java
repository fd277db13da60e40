package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and their media type. The server returns both exactly as they were sent.
 *
 * @param bytes the content. It may be large, so it is not copied: do not change it
 * @param contentType the {@code Content-Type}, parameters and and spelling included
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

  /** Bytes of type {@code application/octet-stream}. */
  public static Value bytes(byte... bytes) {
    return new Value(bytes, "application/octet-stream");
  }

  /** The content, decoded as UTF-8 whatever the media type is. */
  public String text() {
    return new String(bytes, UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Value value
        && contentType.equals(value.contentType)
        && Arrays.equals(bytes, value.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bytes) + contentType.hashCode();
  }

  /** The size and the type; not the content, which must not get into logs. */
  @Override
  public String toString() {
    return "Value[" + bytes.length + " bytes, " + contentType + "]";
  }
}
