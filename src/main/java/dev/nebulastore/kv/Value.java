package dev.nebulastore.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a key stands for: any bytes, and the media type that they came with, both kept exactly.
 *
 * @param bytes the content, 0 to any number of bytes; the limit is set where requests come in. Not
 *     copied, since a value may be large and passes many hands: who makes a value gives its bytes
 *     away, and readers never write to them
 * @param contentType the {@code Content-Type} as it was sent, parameters and spelling included
 */
// A record of an array on purpose: see the parameter.
@SuppressWarnings("ArrayRecordComponent")
public record Value(byte[] bytes, String contentType) {

  /** The media type of a value that came with none. */
  public static final String DEFAULT_CONTENT_TYPE = "application/octet-stream";

  /** The number of bytes of the content. */
  public int size() {
    return bytes.length;
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
