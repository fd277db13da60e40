package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Transaction;
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
  public static final Caller ANYONE = new Caller(null, Set.of(Role.values()), List.of());

  // Null: no token is asked for.
  private final @Nullable Token token;
  private final Set<Role> roles;
  // Empty: all keys.
  private final List<byte[]> prefixes;

  private Caller(@Nullable Token token, Set<Role> roles, List<String> prefixes) {
    this.token = token;
    this.roles = roles;
    this.prefixes = prefixes.stream().map(prefix -> prefix.getBytes(UTF_8)).toList();
  }

  /** The owner of a token. */
  static Caller of(Token token) {
    return new Caller(token, token.roles(), token.prefixes());
  }

  /** Names the caller; empty where no token is asked for. */
  public String id() {
    return token == null ? "" : token.id();
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

  /** Refuses a caller who may not execute a command. */
  public void require(Command command) {
    require(command instanceof Command.Get ? Role.READ : Role.WRITE, command.key());
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
    return token == null ? "anyone" : token.id();
  }
}
