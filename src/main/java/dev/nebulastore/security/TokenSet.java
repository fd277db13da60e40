package dev.nebulastore.security;

import dev.nebulastore.security.Token.Credential;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * All tokens of a store at one moment. A token is compared by its SHA-256, in constant time, and an
 * unknown id takes as long as a known one. A certificate, which is no secret, is looked up by its
 * subject.
 *
 * <p>Threads: immutable.
 */
final class TokenSet {

  private static final String HASH_OF_NONE = "00".repeat(32);

  /** Compared with, where an id is unknown. */
  private static final List<Known> NOBODY =
      List.of(
          known(new Token("nobody", HASH_OF_NONE, Set.of(), List.of(), Instant.MIN), HASH_OF_NONE));

  /** A token with what is made of it once. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Known(Token token, byte[] hash, Caller caller) {}

  private final List<Token> tokens;
  private final Map<String, List<Token>> byId;
  private final Map<String, List<Known>> secretsById = new HashMap<>();
  private final Map<X500Principal, Caller> bySubject = new HashMap<>();

  TokenSet(List<Token> tokens) {
    this.tokens = List.copyOf(tokens);
    this.byId = tokens.stream().collect(Collectors.groupingBy(Token::id));
    for (Token token : tokens) {
      switch (token.credential()) {
        case Credential.Secret(var hash) ->
            secretsById.computeIfAbsent(token.id(), _ -> new ArrayList<>()).add(known(token, hash));
        case Credential.Certificate(var subject) -> bySubject.put(subject, Caller.of(token));
      }
    }
  }

  private static Known known(Token token, String hash) {
    return new Known(token, HexFormat.of().parseHex(hash), Caller.of(token));
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
    for (Known candidate : secretsById.getOrDefault(TokenText.idOf(text), NOBODY)) {
      if (MessageDigest.isEqual(candidate.hash(), hash)) {
        found = candidate;
      }
    }
    return found != null && found.token().isValidAt(now) ? found.caller() : null;
  }

  /**
   * The caller whose certificate has this subject.
   *
   * @return null if there is no such line, or it has expired
   */
  @Nullable Caller find(X500Principal subject, Instant now) {
    Caller found = bySubject.get(subject);
    Token token = found == null ? null : found.token();
    return token != null && token.isValidAt(now) ? found : null;
  }

  /**
   * Whether the token of a caller that was found earlier is still among these and valid. A token
   * whose roles, prefixes or expiry were changed is another one.
   */
  boolean isCurrent(Caller caller, Instant now) {
    Token token = caller.token();
    return token == null
        || (token.isValidAt(now) && byId.getOrDefault(token.id(), List.of()).contains(token));
  }
}
