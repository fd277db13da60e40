package dev.nebulastore.security;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of a caller: never the token itself, which only its owner has.
 *
 * @param id names the caller: 1 to 32 of a to z, 0 to 9 and hyphens. Two tokens may have the same,
 *     so that one can replace the other
 * @param credential what its owner shows
 * @param roles what its owner may do
 * @param prefixes the keys that its owner may read and write begin with one of these; empty for all
 *     keys
 * @param expires when it becomes invalid, or null if it does not
 */
record Token(
    String id,
    Credential credential,
    Set<Role> roles,
    List<String> prefixes,
    @Nullable Instant expires) {

  /** What a caller shows to be recognized. */
  sealed interface Credential {
    /**
     * A secret text, sent with each request.
     *
     * @param hash the SHA-256 of the text, in lower-case hexadecimal
     */
    record Secret(String hash) implements Credential {

      /** Its message does not repeat what it refuses. */
      public Secret {
        if (!isHash(hash)) {
          throw new IllegalArgumentException("not a SHA-256 in lower-case hexadecimal");
        }
      }

      /** Without the hash, so that it gets into no log. */
      @Override
      public String toString() {
        return "Secret";
      }
    }

    /**
     * A client certificate that the server trusts.
     *
     * @param subject compared by its canonical form, as {@link X500Principal#equals} does, and
     *     never as text, which has several spellings of one subject
     */
    record Certificate(X500Principal subject) implements Credential {}
  }

  private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** A token of which the store knows the hash. */
  Token(String id, String hash, Set<Role> roles, List<String> prefixes, @Nullable Instant expires) {
    this(id, new Credential.Secret(hash), roles, prefixes, expires);
  }

  /** Its message does not repeat what it refuses. */
  Token {
    if (!isId(id)) {
      throw new IllegalArgumentException("not an id of a token");
    }
    roles = Set.copyOf(roles);
    prefixes = List.copyOf(prefixes);
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  static boolean isHash(String text) {
    return HASH.matcher(text).matches();
  }

  boolean isValidAt(Instant now) {
    return expires == null || now.isBefore(expires);
  }

  /** Without the hash, so that it gets into no log. */
  @Override
  public String toString() {
    return "Token " + id;
  }
}
