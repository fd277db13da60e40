package dev.nebulastore.security;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a new token on the command line.
 *
 * @param id null if none is given
 * @param subject of the certificate that takes the place of a token, or null
 * @param prefixes decoded
 * @param expires null if the token is to stay valid
 */
record TokenOptions(
    @Nullable String id,
    @Nullable X500Principal subject,
    Set<Role> roles,
    List<String> prefixes,
    @Nullable Instant expires) {

  /** Tells in one line what is wrong with the options. */
  static final class Misuse extends Exception {
    Misuse(String message) {
      super(message);
    }
  }

  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,4})([dhm])");

  TokenOptions {
    roles = Set.copyOf(roles);
    prefixes = List.copyOf(prefixes);
  }

  /**
   * Reads the options.
   *
   * @param now from which a duration counts
   */
  static TokenOptions parse(List<String> args, Instant now) throws Misuse {
    String id = null;
    X500Principal subject = null;
    Set<Role> roles = EnumSet.noneOf(Role.class);
    List<String> prefixes = new ArrayList<>();
    Instant expires = null;
    for (String arg : args) {
      int end = arg.indexOf('=');
      String value = arg.substring(end + 1);
      switch (end < 0 ? "" : arg.substring(0, end)) {
        case "--id" -> id = once("--id", id, id(value));
        case "--subject" -> subject = once("--subject", subject, subject(value));
        case "--role" -> roles.addAll(roles(value));
        case "--prefix" -> prefixes.add(prefix(value));
        case "--expires" -> expires = once("--expires", expires, expiry(value, now));
        default ->
            throw new Misuse(
                ("Unknown option \"%s\"; the options are --role=, --prefix=, --id=, --subject= and"
                        + " --expires=.")
                    .formatted(arg));
      }
    }
    if (roles.isEmpty()) {
      throw new Misuse("Give a role: --role=<role>; the roles are " + TokenLine.ROLES + ".");
    }
    if (prefixes.size() > TokenLine.MAX_PREFIXES) {
      throw new Misuse("A token has at most " + TokenLine.MAX_PREFIXES + " prefixes.");
    }
    return new TokenOptions(id, subject, roles, prefixes, expires);
  }

  private static <T> T once(String option, @Nullable T before, T value) throws Misuse {
    if (before != null) {
      throw new Misuse("The option " + option + " is given twice.");
    }
    return value;
  }

  private static String id(String value) throws Misuse {
    if (!Token.isId(value)) {
      throw new Misuse(
          "The id must be 1 to 32 characters, a to z, 0 to 9 and hyphens, but is \"%s\"."
              .formatted(value));
    }
    return value;
  }

  private static Set<Role> roles(String value) throws Misuse {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : value.split(",", -1)) {
      roles.add(
          Role.of(word)
              .orElseThrow(() ->
                  new Misuse(
                      "There is no role \"%s\"; the roles are %s."
                          .formatted(word, TokenLine.ROLES))));
    }
    return roles;
  }

  private static X500Principal subject(String value) throws Misuse {
    refuseUnknownCharacters("subject", value);
    return CertificateSubject.parse(value)
        .orElseThrow(() -> new Misuse("The subject must be " + CertificateSubject.EXPECTED + "."));
  }

  /** Refuses what the JVM puts for characters that the locale does not have. */
  private static void refuseUnknownCharacters(String what, String value) throws Misuse {
    if (value.contains("\uFFFD")) {
      throw new Misuse(
          "The %s has characters that this locale does not have: percent-encode them."
              .formatted(what));
    }
  }

  private static String prefix(String value) throws Misuse {
    refuseUnknownCharacters("prefix", value);
    return KeyPrefix.parse(value)
        .orElseThrow(() -> new Misuse("The prefix must be " + KeyPrefix.EXPECTED + "."));
  }

  private static Instant expiry(String value, Instant now) throws Misuse {
    Instant expires;
    try {
      Matcher duration = DURATION.matcher(value);
      expires =
          duration.matches()
              ? now.plus(duration(duration)).truncatedTo(ChronoUnit.SECONDS)
              : Instant.parse(value);
    } catch (DateTimeException e) {
      throw new Misuse(
          "The expiry must be a duration such as 90d, 12h or 30m, or an instant such as"
              + " 2027-01-31T00:00:00Z, but is \"%s\".".formatted(value));
    }
    if (!expires.isAfter(now)) {
      throw new Misuse("The expiry \"%s\" is over already.".formatted(value));
    }
    return expires;
  }

  private static Duration duration(Matcher duration) {
    int amount = Integer.parseInt(duration.group(1));
    return switch (duration.group(2)) {
      case "d" -> Duration.ofDays(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofMinutes(amount);
    };
  }
}
