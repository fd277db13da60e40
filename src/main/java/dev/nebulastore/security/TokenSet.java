package dev.nebulastore.security;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All tokens of a store at one moment. A token is compared by its SHA-256, in constant time, and an
 * unknown id takes as long as a known one.
 *
 * <p>Threads: immutable.
 */
final class TokenSet {

  /** Compared with, where an id is unknown. */
  private static final List<Known> NOBODY =
      List.of(new Known(new Token("nobody", "00".repeat(32), Set.of(), List.of(), Instant.MIN)));

  /** A token with what is made of it once. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Known(Token token, byte[] hash, Caller caller) {
    Known(Token token) {
      this(token, HexFormat.of().parseHex(token.hash()), Caller.of(token));
    }
  }

  private final List<Token> tokens;
  private final Map<String, List<Known>> byId;

  TokenSet(List<Token> tokens) {
    this.tokens = List.copyOf(tokens);
    this.byId =
        tokens.stream().map(Known::new).collect(Collectors.groupingBy(known -> known.token().id()));
  }

  /** The tokens, in the order of their file. */
  List<Token> tokens() {
    return tokens;
  }

  /** The number of different ids. */
  int callers() {
    return byId.size();
  }

  /**
   * The caller whose token this is.
   *
   * @param text as it was sent
   * @return null if there is no such token, or it has expired
   */
  @Nullable Caller find(String text, Instant now) {
    byte[] hash = TokenText.sha256(text);
    Known found = null;
    for (Known candidate : byId.getOrDefault(TokenText.idOf(text), NOBODY)) {
      if (MessageDigest.isEqual(candidate.hash(), hash)) {
        found = candidate;
      }
    }
    return found != null && found.token().isValidAt(now) ? found.caller() : null;
  }

  /**
   * Whether the token of a caller that was found earlier is still among these and valid. A token
   * whose roles, prefixes or expiry were changed is another one.
   */
  boolean isCurrent(Caller caller, Instant now) {
    Token token = caller.token();
    return token == null
        || (token.isValidAt(now)
            && byId.getOrDefault(token.id(), List.of()).stream()
                .anyMatch(known -> known.token().equals(token)));
  }
}
