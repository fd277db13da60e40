package dev.nebulastore.api.codec;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Command;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses a time to live: {@code 90s}, {@code 15m}, {@code 12h}, {@code 30d}, an ISO-8601 duration,
 * or a number of seconds. Spring Boot's {@code DurationStyle} accepts more: {@code +1s}, {@code 1S}
 * and {@code 1ms}, which are errors here. Also parses times of expiry.
 *
 * <p>Threads: immutable.
 */
public final class Ttl {

  private static final Pattern SIMPLE = Pattern.compile("0*([0-9]+)([smhd]?)");

  private static final Pattern FOUR_DIGIT_YEAR = Pattern.compile("[0-9]{4}-");

  /** Enough for 3,650 days in seconds, and can't overflow. */
  private static final int MAX_DIGITS = 10;

  /** What a change of the expiry accepts in place of a time to live. */
  private static final String NONE = "none";

  private Ttl() {}

  /** The duration; a 400 if the text is invalid or the duration out of bounds. */
  public static Duration parse(String text) {
    if (text.equals(NONE)) {
      throw new ApiException(
          Problem.INVALID_TTL,
          "The ttl \"none\" is only for PATCH and touch. What is written without a ttl never"
              + " expires.");
    }
    Duration ttl = read(text);
    if (ttl.compareTo(Command.MIN_TTL) < 0 || ttl.compareTo(Command.MAX_TTL) > 0) {
      throw outOfBounds(text);
    }
    return ttl;
  }

  /** As {@link #parse}, or null for {@code none}: what changes an expiry may remove it. */
  public static @Nullable Duration parseOrNone(String text) {
    return text.equals(NONE) ? null : parse(text);
  }

  /**
   * The time to live of what expires at a time (RFC 3339), in whole milliseconds; a 400 if the text
   * is no time, or the time is too far away.
   *
   * @return null if the time has come, or will in less than the shortest time to live
   */
  static @Nullable Duration until(String text, Instant now) {
    Duration left = Duration.between(now, time(text)).truncatedTo(ChronoUnit.MILLIS);
    if (left.compareTo(Command.MAX_TTL) > 0) {
      throw new ApiException(
          Problem.INVALID_TTL,
          "The time \"" + StrictJson.clip(text) + "\" is more than 3650d from now.");
    }
    return left.compareTo(Command.MIN_TTL) < 0 ? null : left;
  }

  private static Instant time(String text) {
    try {
      // Java also reads years of more than four digits, and negative ones.
      if (FOUR_DIGIT_YEAR.matcher(text).lookingAt()) {
        return Instant.parse(text);
      }
    } catch (DateTimeParseException e) {
      // Refused below.
    }
    throw new ApiException(
        Problem.INVALID_TTL,
        "The time \""
            + StrictJson.clip(text)
            + "\" is invalid. Write it as in 2026-11-22T10:01:30Z (RFC 3339).");
  }

  private static ApiException outOfBounds(String text) {
    return new ApiException(
        Problem.INVALID_TTL, "The ttl \"" + StrictJson.clip(text) + "\" is not from 1s to 3650d.");
  }

  private static Duration read(String text) {
    Matcher simple = SIMPLE.matcher(text);
    if (simple.matches()) {
      if (simple.group(1).length() > MAX_DIGITS) {
        throw outOfBounds(text);
      }
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
    } catch (DateTimeParseException e) {
      if (e.getCause() instanceof ArithmeticException) {
        throw outOfBounds(text);
      }
      throw new ApiException(
          Problem.INVALID_TTL,
          "The ttl \""
              + StrictJson.clip(text)
              + "\" is invalid. Write 90s, 15m, 12h, 30d, an ISO-8601 duration or a number of"
              + " seconds.");
    }
  }
}
