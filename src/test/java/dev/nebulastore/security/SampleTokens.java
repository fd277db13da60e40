package dev.nebulastore.security;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens for tests: the text that a client sends, and what the store knows of it. */
final class SampleTokens {

  private SampleTokens() {}

  /** The text of a token; another number makes another secret. */
  static String text(String id, int number) {
    byte[] secret = new byte[TokenText.SECRET_BYTES];
    new Random(number).nextBytes(secret);
    return TokenText.of(id, secret);
  }

  static String hash(String text) {
    return HexFormat.of().formatHex(TokenText.sha256(text));
  }

  static String secret(String text) {
    return text.substring(text.indexOf('_', "nst_".length()) + 1);
  }

  /** What the store knows of a text, which may do everything. */
  static Token token(String text) {
    return token(text, Set.of(Role.values()), List.of(), null);
  }

  static Token token(
      String text, Set<Role> roles, List<String> prefixes, @Nullable Instant expires) {
    return new Token(TokenText.idOf(text), hash(text), roles, prefixes, expires);
  }

  /** A line of the tokens file. */
  static String line(String text, String members) {
    return TokenText.idOf(text) + " " + hash(text) + " " + members + "\n";
  }
}
