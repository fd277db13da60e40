package dev.nebulastore.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes dates as HTTP wants them, such as {@code Sun, 06 Nov 1994 08:49:37 GMT} (RFC 9110, 5.6.7).
 *
 * <p>Threads: immutable.
 */
final class HttpDate {

  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private HttpDate() {}

  /** The date of an instant, to the second. */
  static String format(Instant instant) {
    return IMF_FIXDATE.format(instant);
  }
}
