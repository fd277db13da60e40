package dev.nebulastore.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the keys, in the order of their bytes. Its ends are bytes and not keys: a prefix
 * need not be a key.
 *
 * @param from where it begins, inclusive; empty for the first key of all
 * @param to where it ends, exclusive, or null if it extends to the last key of all. Neither array
 *     is copied, and nobody writes to them
 */
// A record of arrays on purpose: see the parameters.
@SuppressWarnings("ArrayRecordComponent")
public record KeyRange(byte[] from, byte @Nullable [] to) {

  /** All keys. */
  public static final KeyRange ALL = new KeyRange(new byte[0], null);

  /** All keys that begin with these bytes. */
  public static KeyRange ofPrefix(byte[] prefix) {
    return new KeyRange(prefix, behind(prefix));
  }

  /** What sorts right behind all that begins with these bytes; null if nothing does. */
  public static byte @Nullable [] behind(byte[] prefix) {
    for (int last = prefix.length - 1; last >= 0; last--) {
      if (prefix[last] != (byte) 0xff) {
        byte[] behind = Arrays.copyOf(prefix, last + 1);
        behind[last]++;
        return behind;
      }
    }
    return null;
  }

  /** What sorts right behind this key. */
  public static byte[] behind(Key key) {
    return Arrays.copyOf(key.utf8(), key.utf8().length + 1);
  }

  /** Whether a key is in it. */
  public boolean contains(Key key) {
    return Arrays.compareUnsigned(key.utf8(), from) >= 0
        && (to == null || Arrays.compareUnsigned(key.utf8(), to) < 0);
  }

  /** The part of this range from here on; {@code start} is within it. */
  public KeyRange startingAt(byte[] start) {
    return new KeyRange(start, to);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyRange(byte[] otherFrom, byte[] otherTo)
        && Arrays.equals(from, otherFrom)
        && Arrays.equals(to, otherTo);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(from) + Arrays.hashCode(to);
  }

  /** In hexadecimal digits, since it may be no text. */
  @Override
  public String toString() {
    return "KeyRange[" + hex(from) + ", " + (to == null ? "end" : hex(to)) + ")";
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }
}
