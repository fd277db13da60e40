package dev.nebulastore.api.codec;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Formats dates for HTTP, such as {@code Sun, 06 Nov 1994 08:49:37 GMT} (RFC 9110, 5.6.7), once for
 * every read. No library fits: a {@code DateTimeFormatter} takes ten times as long, its {@code
 * RFC_1123_DATE_TIME} writes {@code 6 Nov}, and Tomcat's {@code FastHttpDateFormat} uses a {@code
 * SimpleDateFormat} for each date that is not in its cache.
 *
 * <p>Threads: immutable.
 */
public final class HttpDate {

  private static final String DAYS = "MonTueWedThuFriSatSun";
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final String LAYOUT = "Day, 00 Mon 0000 00:00:00 GMT";

  private HttpDate() {}

  /** The date of an instant, to the second; the year has four digits. */
  public static String format(Instant instant) {
    LocalDateTime date = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    byte[] text = LAYOUT.getBytes(StandardCharsets.ISO_8859_1);
    name(text, 0, DAYS, date.getDayOfWeek().getValue());
    number(text, 5, date.getDayOfMonth());
    name(text, 8, MONTHS, date.getMonthValue());
    number(text, 12, date.getYear() / 100);
    number(text, 14, date.getYear() % 100);
    number(text, 17, date.getHour());
    number(text, 20, date.getMinute());
    number(text, 23, date.getSecond());
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static void name(byte[] text, int at, String names, int number) {
    for (int i = 0; i < 3; i++) {
      text[at + i] = (byte) names.charAt(3 * (number - 1) + i);
    }
  }

  private static void number(byte[] text, int at, int number) {
    text[at] = (byte) ('0' + number / 10);
    text[at + 1] = (byte) ('0' + number % 10);
  }
}
