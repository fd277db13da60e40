package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The spelling of a prefix of keys in the tokens file and on the command line: percent-encoded, as
 * keys are in the paths of {@code /kv/}, so that it may hold blanks.
 */
final class KeyPrefix {

  /** Completes the sentence "The prefix must be …". */
  static final String EXPECTED =
      "the beginning of a key, percent-encoded as in a path of /kv/, such as app/ or my%20app/";

  private static final String PLAIN = "-._~/";

  private KeyPrefix() {}

  /** The prefix that is spelled like this; empty if none is, or no key begins with it. */
  static Optional<String> parse(String spelling) {
    byte[] from = spelling.getBytes(UTF_8);
    byte[] to = new byte[from.length];
    int size = 0;
    for (int i = 0; i < from.length; i++) {
      if (from[i] != '%') {
        to[size++] = from[i];
      } else if (i + 2 < from.length
          && HexFormat.isHexDigit(from[i + 1])
          && HexFormat.isHexDigit(from[i + 2])) {
        to[size++] =
            (byte) (HexFormat.fromHexDigit(from[i + 1]) << 4 | HexFormat.fromHexDigit(from[i + 2]));
        i += 2;
      } else {
        return Optional.empty();
      }
    }
    try {
      // A decoder of its own refuses what is not UTF-8, which new String would replace.
      String prefix = UTF_8.newDecoder().decode(ByteBuffer.wrap(to, 0, size)).toString();
      return Optional.of(prefix).filter(KeyPrefix::beginsAKey);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  static String format(String prefix) {
    StringBuilder spelling = new StringBuilder();
    for (byte b : prefix.getBytes(UTF_8)) {
      if (isPlain(b)) {
        spelling.append((char) b);
      } else {
        spelling.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return spelling.toString();
  }

  private static boolean isPlain(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || PLAIN.indexOf(b) >= 0;
  }

  /** The longest prefix is a key of its own; another, such as "a/.", needs more to be one. */
  private static boolean beginsAKey(String prefix) {
    return !prefix.isEmpty() && (isKey(prefix) || isKey(prefix + 'x'));
  }

  private static boolean isKey(String text) {
    try {
      Key.of(text);
      return true;
    } catch (InvalidKey e) {
      return false;
    }
  }
}
