package dev.nebulastore.api.codec;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.util.Arrays;

/**
 * Decodes the key in a raw request path: what follows {@value #PREFIX}, percent-decoded exactly
 * once. Nothing else has a meaning: {@code +}, {@code ;} and {@code //} stand for themselves.
 *
 * <p>Threads: immutable.
 */
public final class KeyCodec {

  /** What the path of a key begins with. */
  public static final String PREFIX = "/kv/";

  private KeyCodec() {}

  /**
   * The key that a path names.
   *
   * @param rawPath as it was sent, without the query; it begins with {@value #PREFIX}
   * @throws InvalidKey if it names none
   */
  public static Key decode(String rawPath) {
    int length = rawPath.length();
    byte[] utf8 = new byte[length - PREFIX.length()];
    int size = 0;
    for (int i = PREFIX.length(); i < length; i++) {
      char c = rawPath.charAt(i);
      if (c == '%') {
        utf8[size++] = (byte) (hex(rawPath, i + 1) << 4 | hex(rawPath, i + 2));
        i += 2;
      } else if (c > 0xff) {
        throw new InvalidKey("it holds a character that must be percent-encoded");
      } else {
        utf8[size++] = (byte) c;
      }
    }
    return Key.ofUtf8(size == utf8.length ? utf8 : Arrays.copyOf(utf8, size));
  }

  private static int hex(String path, int index) {
    int digit = index < path.length() ? Character.digit(path.charAt(index), 16) : -1;
    if (digit < 0 || path.charAt(index) > 'f') {
      throw new InvalidKey("a percent sign of it is not followed by two hexadecimal digits");
    }
    return digit;
  }
}
