package dev.nebulastore.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a key stands for: any bytes, and the media type that they came with, both kept exactly.
 *
 * @param bytes the content, 0 to any number of bytes; the limit is set where requests come in. Not
 *     copied, since a value may be large and passes many hands: who makes a value gives its bytes
 *     away, and readers never write to them. Of a value that was not read, only the size is known
 * @param size the number of bytes of the content
 * @param contentType the {@code Content-Type} as it was sent, parameters and spelling included
 */
// A record of an array on purpose: see the parameter.
@SuppressWarnings("ArrayRecordComponent")
public record Value(byte[] bytes, int size, String contentType) {

  /** The media type of a value that came with none. */
  public static final String DEFAULT_CONTENT_TYPE = "application/octet-stream";

  private static final byte[] UNREAD = {};

  /** Refuses bytes that are not all of the content, unless there are none. */
  public Value {
    if (bytes.length != size && bytes.length > 0) {
      throw new IllegalArgumentException("%d bytes of %d".formatted(bytes.length, size));
    }
  }

  /** Of this content. */
  public Value(byte[] bytes, String contentType) {
    this(bytes, bytes.length, contentType);
  }

  /** A value of so many bytes that were not read: commands that don't need them cost no memory. */
  public static Value unread(int size, String contentType) {
    return new Value(UNREAD, size, contentType);
  }

  /** Whether the content is here. */
  public boolean isRead() {
    return bytes.length == size;
  }

  /**
   * The content.
   *
   * @throws IllegalStateException if it was not read
   */
  @Override
  public byte[] bytes() {
    if (!isRead()) {
      throw new IllegalStateException("This value was not read: " + this);
    }
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Value that
        && size == that.size
        && contentType.equals(that.contentType)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bytes) + contentType.hashCode();
  }

  /** The size and the type; never the content, which belongs in no log. */
  @Override
  public String toString() {
    return "Value[" + size + " bytes, " + contentType + "]";
  }
}
