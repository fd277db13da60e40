package dev.nebulastore.api.codec;

import java.time.Duration;
import java.util.Enumeration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses how long a client prefers to wait for an answer (RFC 7240, sections 2 and 4.3). A
 * malformed preference is ignored, with what follows it in the header, and is never an error. The
 * first of several counts.
 *
 * <p>Threads: immutable.
 */
public final class PreferHeader {

  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*+\"";

  // The next preference and the comma behind it: name, value, parameters.
  private static final Pattern NEXT =
      Pattern.compile(
          "\\G[ \\t,]*+([^\\s\",;=]++)[ \\t]*+(?:=[ \\t]*+("
              + QUOTED
              + "|[^\\s\",;=]*+))?+[ \\t]*+(?:;(?:"
              + QUOTED
              + "|[^\",])*+)?+(?:,|\\z)");

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,18}");

  private PreferHeader() {}

  /**
   * The preferred wait; null if there is none.
   *
   * @param longest longer ones are reduced to it
   */
  public static @Nullable Duration wait(Enumeration<String> headers, Duration longest) {
    while (headers.hasMoreElements()) {
      Matcher next = NEXT.matcher(headers.nextElement());
      while (next.find()) {
        if (next.group(1).equalsIgnoreCase("wait")) {
          return seconds(next.group(2), longest);
        }
      }
    }
    return null;
  }

  private static @Nullable Duration seconds(@Nullable String value, Duration longest) {
    if (value == null || !SECONDS.matcher(value).matches()) {
      return null;
    }
    Duration wait = Duration.ofSeconds(Long.parseLong(value));
    return wait.compareTo(longest) < 0 ? wait : longest;
  }
}
