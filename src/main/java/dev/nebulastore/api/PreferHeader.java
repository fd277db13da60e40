package dev.nebulastore.api;

import java.time.Duration;
import java.util.Enumeration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long a client prefers to wait for an answer (RFC 7240, sections 2 and 4.3). What is
 * malformed is no preference, nor is what follows it in that header, and never an error; of
 * several, the first one counts.
 *
 * <p>Threads: immutable.
 */
final class PreferHeader {

  /** The longest wait; who asks for more gets this. */
  static final Duration MAX_WAIT = Duration.ofSeconds(60);

  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*+\"";

  // The next preference with the comma behind it: its name, its value, and parameters.
  private static final Pattern NEXT =
      Pattern.compile(
          "\\G[ \\t,]*+([^\\s\",;=]++)[ \\t]*+(?:=[ \\t]*+("
              + QUOTED
              + "|[^\\s\",;=]*+))?+[ \\t]*+(?:;(?:"
              + QUOTED
              + "|[^\",])*+)?+(?:,|\\z)");

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,18}");

  private PreferHeader() {}

  /** The wait that the values of the header ask for, at most the longest; null if none. */
  static @Nullable Duration wait(Enumeration<String> headers) {
    while (headers.hasMoreElements()) {
      Matcher next = NEXT.matcher(headers.nextElement());
      while (next.find()) {
        if (next.group(1).equalsIgnoreCase("wait")) {
          return seconds(next.group(2));
        }
      }
    }
    return null;
  }

  private static @Nullable Duration seconds(@Nullable String value) {
    if (value == null || !SECONDS.matcher(value).matches()) {
      return null;
    }
    Duration wait = Duration.ofSeconds(Long.parseLong(value));
    return wait.compareTo(MAX_WAIT) < 0 ? wait : MAX_WAIT;
  }
}
