package dev.nebulastore.security;

import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Makes a caller of the claims of a verified token. What is malformed is refused, so that a
 * misspelled restriction never allows more.
 *
 * <p>Threads: immutable.
 */
final class JwtClaims {

  /** What no id of the tokens file begins with. */
  static final String ID_PREFIX = "oidc:";

  private static final int MAX_SUBJECT = 255;

  private final OidcProperties properties;
  private final String scopePrefix;

  JwtClaims(OidcProperties properties) {
    this.properties = properties;
    this.scopePrefix = Objects.requireNonNullElse(properties.scopePrefix(), "");
  }

  /** The caller; throws {@link AccessDenied} if a claim is missing or malformed. */
  Caller callerOf(Jwt token) {
    Instant expires = token.getExpiresAt();
    if (expires == null) {
      throw denied("exp", "is missing");
    }
    if (token.hasClaim("cnf")) {
      throw denied("cnf", "binds the token to a key or a certificate, which is not supported");
    }
    return Caller.ofIssuer(
        ID_PREFIX + subject(token.getSubject()),
        roles(token.getClaims().get(properties.rolesClaim())),
        prefixes(token),
        expires);
  }

  private static String subject(@Nullable String subject) {
    if (subject == null
        || subject.isEmpty()
        || subject.length() > MAX_SUBJECT
        || !subject.codePoints().allMatch(JwtClaims::isVisible)) {
      throw denied(
          "sub", "must be 1 to " + MAX_SUBJECT + " characters, without control characters");
    }
    return subject;
  }

  /** Whether a character neither ends a line nor changes how others are shown. */
  private static boolean isVisible(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private Set<Role> roles(@Nullable Object claim) {
    List<String> words =
        switch (claim) {
          case null -> List.of();
          case String text -> Arrays.asList(text.split(" +", -1));
          default -> texts(properties.rolesClaim(), claim, "must be a text or a list of texts");
        };
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : words) {
      if (word.startsWith(scopePrefix)) {
        Role.of(word.substring(scopePrefix.length())).ifPresent(roles::add);
      }
    }
    return roles;
  }

  /** An empty list is refused, since it would mean all keys to a {@link Caller}. */
  private List<String> prefixes(Jwt token) {
    String name = properties.prefixesClaim();
    if (!token.hasClaim(name)) {
      return List.of();
    }
    List<String> prefixes =
        texts(name, token.getClaims().get(name), "must be a list of prefixes of keys");
    if (prefixes.isEmpty() || prefixes.size() > TokenLine.MAX_PREFIXES) {
      throw denied(name, "must have 1 to " + TokenLine.MAX_PREFIXES + " prefixes");
    }
    if (!prefixes.stream().allMatch(KeyPrefix::beginsAKey)) {
      throw denied(name, "has a prefix that no key begins with");
    }
    return prefixes;
  }

  private static List<String> texts(String claim, @Nullable Object value, String rule) {
    if (!(value instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      throw denied(claim, rule);
    }
    return list.stream().map(text -> Objects.requireNonNull(text).toString()).toList();
  }

  private static AccessDenied denied(String claim, String what) {
    return new AccessDenied(
        AccessDenied.Kind.INVALID_TOKEN, "The claim \"%s\" %s.".formatted(claim, what));
  }
}
