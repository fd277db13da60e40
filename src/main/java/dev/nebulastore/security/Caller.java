package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request, and what the sender may do. Prefixes bound keys byte by byte.
 *
 * <p>Threads: immutable.
 */
public final class Caller {

  /** Everybody, where no token is asked for: may do everything. */
  public static final Caller ANYONE = new Caller("", null, null, Set.of(Role.values()), List.of());

  private final String id;
  // Null: no token is asked for, or an issuer has made it.
  private final @Nullable Token token;
  // Null unless an issuer has made the token.
  private final @Nullable Instant expires;
  private final Set<Role> roles;
  // Empty: all keys.
  private final List<byte[]> prefixes;

  private Caller(
      String id,
      @Nullable Token token,
      @Nullable Instant expires,
      Set<Role> roles,
      List<String> prefixes) {
    this.id = id;
    this.token = token;
    this.expires = expires;
    this.roles = Set.copyOf(roles);
    this.prefixes = prefixes.stream().map(prefix -> prefix.getBytes(UTF_8)).toList();
  }

  /** The owner of a token. */
  static Caller of(Token token) {
    return new Caller(token.id(), token, null, token.roles(), token.prefixes());
  }

  /**
   * The owner of a token that an issuer has made.
   *
   * @param id no id of the tokens file
   * @param prefixes empty for all keys
   * @param expires when it becomes invalid
   */
  static Caller ofIssuer(String id, Set<Role> roles, List<String> prefixes, Instant expires) {
    return new Caller(id, null, expires, roles, prefixes);
  }

  /** Names the caller; empty where no token is asked for. */
  public String id() {
    return id;
  }

  /** Whether an issuer has made the token, and it is no longer valid. */
  boolean hasExpired(Instant now) {
    return expires != null && !now.isBefore(expires);
  }

  /** How long a token that an issuer has made remains valid; forever if none has. */
  Duration remaining(Instant now) {
    return expires == null ? Duration.ofSeconds(Long.MAX_VALUE) : Duration.between(now, expires);
  }

  @Nullable Token token() {
    return token;
  }

  /** Refuses a caller without a role. */
  public void require(Role role) {
    if (!roles.contains(role)) {
      throw new AccessDenied(
          AccessDenied.Kind.INSUFFICIENT_SCOPE,
          "This needs a %s with the role %s. This one has: %s."
              .formatted(
                  credential(),
                  role.text(),
                  roles.stream().sorted().map(Role::text).collect(Collectors.joining(", "))));
    }
  }

  /** Refuses a caller without a role, or whose prefixes do not include a key. */
  public void require(Role role, Key key) {
    require(role);
    if (!prefixes.isEmpty() && !isWithin(key.utf8())) {
      throw outside("key");
    }
  }

  /** Refuses a caller who may not execute a command. Adding shows the value that it writes. */
  public void require(Command command) {
    boolean reads = command instanceof Command.Get || command instanceof Command.Add;
    if (reads) {
      require(Role.READ, command.key());
    }
    if (!(command instanceof Command.Get)) {
      require(Role.WRITE, command.key());
    }
  }

  /** Refuses a caller who may not execute all of a transaction. Its conditions are reads. */
  public void require(Transaction transaction) {
    transaction.conditions().forEach(condition -> require(Role.READ, condition.key()));
    transaction.then().forEach(this::require);
    transaction.otherwise().forEach(this::require);
  }

  /** Refuses a caller without a role, or who may not use all keys with a prefix. */
  public void requirePrefix(Role role, String prefix) {
    require(role);
    if (!prefixes.isEmpty() && !isWithin(prefix.getBytes(UTF_8))) {
      throw outside("prefix");
    }
  }

  /** What a refusal calls that by which the caller was recognized. */
  private String credential() {
    return token != null && token.credential() instanceof Token.Credential.Certificate
        ? "certificate"
        : "token";
  }

  private boolean isWithin(byte[] bytes) {
    for (byte[] prefix : prefixes) {
      if (bytes.length >= prefix.length
          && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length)) {
        return true;
      }
    }
    return false;
  }

  private AccessDenied outside(String what) {
    return new AccessDenied(
        AccessDenied.Kind.INSUFFICIENT_SCOPE,
        "The %s is not within the prefixes of this %s: %s."
            .formatted(
                what,
                credential(),
                prefixes.stream()
                    .map(prefix -> '"' + new String(prefix, UTF_8) + '"')
                    .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return id.isEmpty() ? "anyone" : id;
  }
}
