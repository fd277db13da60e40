package dev.nebulastore.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The name of an entry: 1 to {@value #MAX_BYTES} bytes of strict UTF-8, without control characters
 * and without a path segment {@code .} or {@code ..}. Two keys are equal when their bytes are:
 * nothing is ever normalised. Keys are ordered by their bytes, unsigned.
 *
 * {@snippet class="dev.nebulastore.kv.KeyTests" region="keys"}
 *
 * <p>Threads: immutable.
 */
public final class Key implements Comparable<Key> {

  /** The longest key, in bytes of UTF-8. */
  public static final int MAX_BYTES = 1_024;

  private final byte[] utf8;
  private final int hash;

  private Key(byte[] utf8) {
    this.utf8 = utf8;
    this.hash = Arrays.hashCode(utf8);
  }

  /**
   * The key with this text.
   *
   * @throws KvException.InvalidKey if it is not a key, with the reason
   */
  public static Key of(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (!text.equals(new String(utf8, StandardCharsets.UTF_8))) {
      throw new KvException.InvalidKey("it holds half of a surrogate pair");
    }
    return checked(utf8);
  }

  /**
   * The key with these bytes, which are copied.
   *
   * @throws KvException.InvalidKey if they are not a key, with the reason
   */
  public static Key ofUtf8(byte[] utf8) {
    return checked(utf8.clone());
  }

  private static Key checked(byte[] utf8) {
    if (utf8.length == 0) {
      throw new KvException.InvalidKey("it is empty");
    }
    if (utf8.length > MAX_BYTES) {
      throw new KvException.InvalidKey(
          "it has " + utf8.length + " bytes; at most " + MAX_BYTES + " are allowed");
    }
    boolean ascii = true;
    int segment = 0;
    for (int i = 0; i < utf8.length; i++) {
      byte b = utf8[i];
      ascii &= b >= 0;
      if ((b >= 0 && b < 0x20) || b == 0x7f) {
        throw new KvException.InvalidKey(
            "it holds the control character U+%04X at byte %d".formatted((int) b, i));
      }
      if (b == '/') {
        refuseDots(utf8, segment, i);
        segment = i + 1;
      }
    }
    refuseDots(utf8, segment, utf8.length);
    if (!ascii && !isUtf8(utf8)) {
      throw new KvException.InvalidKey("its bytes are not valid UTF-8");
    }
    return new Key(utf8);
  }

  private static void refuseDots(byte[] utf8, int from, int to) {
    int length = to - from;
    if ((length == 1 && utf8[from] == '.')
        || (length == 2 && utf8[from] == '.' && utf8[from + 1] == '.')) {
      throw new KvException.InvalidKey("it has a path segment \".\" or \"..\"");
    }
  }

  /** Decoding replaces what is broken, so only valid bytes come back as they were. */
  private static boolean isUtf8(byte[] bytes) {
    return Arrays.equals(
        bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes of this key. Shared for speed: callers read them and never write. */
  public byte[] utf8() {
    return utf8;
  }

  @Override
  public int compareTo(Key other) {
    return Arrays.compareUnsigned(utf8, other.utf8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Key key && hash == key.hash && Arrays.equals(utf8, key.utf8);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** The text of this key. */
  @Override
  public String toString() {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
