package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;

/**
 * The text of a token, as its owner sends it: {@code nst_<id>_<secret>}. The secret is {@value
 * #SECRET_BYTES} random bytes in base64url, which takes 43 characters. The id tells which hash to
 * compare with, and the prefix lets scanners find tokens that were published by mistake.
 */
final class TokenText {

  static final int SECRET_BYTES = 32;

  private static final String PREFIX = "nst_";

  private TokenText() {}

  static String of(String id, byte[] secret) {
    return PREFIX + id + '_' + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** Whether a text is to be looked up in the tokens file, and is no token of an issuer. */
  static boolean isOne(String text) {
    return text.startsWith(PREFIX);
  }

  /** The id in a text; empty if it is not the text of a token. Any text may be sent. */
  static String idOf(String text) {
    int end = text.startsWith(PREFIX) ? text.indexOf('_', PREFIX.length()) : -1;
    return end < 0 ? "" : text.substring(PREFIX.length(), end);
  }

  /** The hash by which a token is known. */
  static byte[] sha256(String text) {
    return Sha256.of(text.getBytes(ISO_8859_1));
  }
}
