package dev.nebulastore.security;

import dev.nebulastore.security.Token.Credential;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A line of the tokens file: {@code <id> <sha256> roles=<role>,... prefix=<prefix>
 * expires=<instant>}, of which the prefix may be missing or given several times, and the expiry may
 * be missing. {@code subject=<subject>} of a client certificate may take the place of the hash. A
 * word that begins with {@code #} begins a comment.
 *
 * <p>Threads: confined to one thread.
 */
final class TokenLine {

  /** So that a request is compared with few of them. */
  static final int MAX_PREFIXES = 64;

  static final String ROLES =
      Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", "));

  private static final String SUBJECT = "subject=";

  /** No hash, and no token, which has an underscore. */
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z-]{1,16}");

  private final int number;
  private final Set<String> names = new HashSet<>();
  private final Set<Role> roles = EnumSet.noneOf(Role.class);
  private final List<String> prefixes = new ArrayList<>();
  private @Nullable Instant expires;

  private TokenLine(int number) {
    this.number = number;
  }

  /**
   * The token of a line; empty if it is blank or a comment.
   *
   * @param number of the line, for messages
   */
  static Optional<Token> parse(int number, String line) throws UnusableTokenFile {
    List<String> words = words(line);
    return words.isEmpty() ? Optional.empty() : Optional.of(new TokenLine(number).token(words));
  }

  /** The line of a token, which {@link #parse} reads. */
  static String format(Token token) {
    StringBuilder line = new StringBuilder(token.id()).append(' ');
    line.append(
        switch (token.credential()) {
          case Credential.Secret(var hash) -> hash;
          case Credential.Certificate(var subject) -> SUBJECT + CertificateSubject.format(subject);
        });
    line.append(" roles=")
        .append(token.roles().stream().sorted().map(Role::text).collect(Collectors.joining(",")));
    token.prefixes().forEach(prefix -> line.append(" prefix=").append(KeyPrefix.format(prefix)));
    if (token.expires() != null) {
      line.append(" expires=").append(token.expires());
    }
    return line.toString();
  }

  private static List<String> words(String line) {
    return Arrays.stream(line.split("[ \\t]+", -1))
        .filter(word -> !word.isEmpty())
        .takeWhile(word -> !word.startsWith("#"))
        .toList();
  }

  private Token token(List<String> words) throws UnusableTokenFile {
    String id = words.getFirst();
    if (!Token.isId(id)) {
      throw error("the first word must be an id of 1 to 32 characters: a to z, 0 to 9 and hyphens");
    }
    Credential credential = credential(words.size() > 1 ? words.get(1) : "");
    for (String member : words.subList(2, words.size())) {
      read(member);
    }
    if (roles.isEmpty()) {
      throw error("roles= is missing; the roles are " + ROLES);
    }
    return new Token(id, credential, roles, prefixes, expires);
  }

  private Credential credential(String word) throws UnusableTokenFile {
    if (word.startsWith(SUBJECT)) {
      return CertificateSubject.parse(word.substring(SUBJECT.length()))
          .map(Credential.Certificate::new)
          .orElseThrow(() -> error("the subject must be " + CertificateSubject.EXPECTED));
    }
    String hash = word.toLowerCase(Locale.ROOT);
    if (!Token.isHash(hash)) {
      throw error(
          "the second word must be the SHA-256 of the token, in 64 hexadecimal digits, or subject="
              + " and the subject of a certificate; the command \"token new\" prints them");
    }
    return new Credential.Secret(hash);
  }

  private void read(String member) throws UnusableTokenFile {
    int end = member.indexOf('=');
    String name = end < 0 ? "" : member.substring(0, end);
    String value = member.substring(end + 1);
    switch (name) {
      case "roles" -> readRoles(value);
      case "prefix" -> readPrefix(value);
      case "expires" -> readExpiry(value);
      case "subject" ->
          throw error("subject= must be the second word, where it takes the place of the hash");
      default ->
          throw error(
              "there is no member %s; the members are roles=, prefix= and expires="
                  .formatted(quoted(name)));
    }
    if (!names.add(name) && !name.equals("prefix")) {
      throw error(name + "= is given twice; it must be given once");
    }
  }

  private void readRoles(String value) throws UnusableTokenFile {
    for (String word : value.split(",", -1)) {
      Role role =
          Role.of(word)
              .orElseThrow(() ->
                  error("there is no role %s; the roles are %s".formatted(quoted(word), ROLES)));
      if (!roles.add(role)) {
        throw error("the role " + role.text() + " is given twice; it must be given once");
      }
    }
  }

  private void readPrefix(String value) throws UnusableTokenFile {
    prefixes.add(
        KeyPrefix.parse(value)
            .orElseThrow(() -> error("the prefix must be " + KeyPrefix.EXPECTED)));
    if (prefixes.size() > MAX_PREFIXES) {
      throw error("there are more than %d prefixes, the most of a token".formatted(MAX_PREFIXES));
    }
  }

  private void readExpiry(String value) throws UnusableTokenFile {
    try {
      expires = Instant.parse(value);
    } catch (DateTimeException e) {
      throw error("expires= must be an instant such as 2027-01-31T00:00:00Z");
    }
  }

  private UnusableTokenFile error(String what) {
    return UnusableTokenFile.inLine(number, what);
  }

  /** What a person probably misspelled, unless it may be a secret in the wrong place. */
  private static String quoted(String word) {
    return HARMLESS.matcher(word).matches() ? '"' + word + '"' : "of this name";
  }
}
