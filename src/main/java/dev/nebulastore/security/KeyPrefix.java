package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.util.Optional;
import org.springframework.web.util.UriUtils;

/**
 * The spelling of a prefix of keys in the tokens file and on the command line: percent-encoded, as
 * keys are in the paths of {@code /kv/}, so that it may hold blanks.
 */
final class KeyPrefix {

  /** Completes the sentence "The prefix must be …". */
  static final String EXPECTED =
      "the beginning of a key, percent-encoded as in a path of /kv/, such as app/ or my%20app/";

  private KeyPrefix() {}

  /** The prefix that is spelled like this; empty if none is, or no key begins with it. */
  static Optional<String> parse(String spelling) {
    return PercentText.decode(spelling).filter(KeyPrefix::beginsAKey);
  }

  static String format(String prefix) {
    return UriUtils.encode(prefix, UTF_8).replace("%2F", "/");
  }

  /**
   * Whether a key begins with this prefix. The longest prefix is a key of its own; another, such as
   * "a/.", needs more to be one.
   */
  static boolean beginsAKey(String prefix) {
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
