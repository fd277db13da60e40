package dev.nebulastore.api;

import dev.nebulastore.kv.Command;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a time to live: {@code 90s}, {@code 15m}, {@code 12h}, {@code 30d}, an ISO-8601 duration,
 * or plain seconds.
 *
 * <p>Threads: immutable.
 */
final class Ttl {

  // Ten digits hold 3,650 days in seconds, and nothing here overflows.
  private static final Pattern SIMPLE = Pattern.compile("([0-9]{1,10})([smhd]?)");

  private Ttl() {}

  /** The duration that the text says; a 400 if it says none, or one that is out of bounds. */
  static Duration parse(String text) {
    Duration ttl = read(text);
    if (ttl.compareTo(Command.MIN_TTL) < 0 || ttl.compareTo(Command.MAX_TTL) > 0) {
      throw new ApiException(
          Problem.INVALID_TTL, "The ttl \"" + text + "\" is not from 1s to 3650d.");
    }
    return ttl;
  }

  private static Duration read(String text) {
    Matcher simple = SIMPLE.matcher(text);
    if (simple.matches()) {
      long number = Long.parseLong(simple.group(1));
      return switch (simple.group(2)) {
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        case "d" -> Duration.ofDays(number);
        default -> Duration.ofSeconds(number);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new ApiException(
          Problem.INVALID_TTL,
          "The ttl \""
              + text
              + "\" is none: write 90s, 15m, 12h, 30d, an ISO-8601 duration or plain seconds.");
    }
  }
}
