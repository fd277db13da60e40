package dev.nebulastore.api.codec;

import java.util.Enumeration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of bytes that a GET asks for (RFC 9110, section 14.1.2).
 *
 * @param first the position of the first byte, or -1 if the last bytes are asked for
 * @param last the position of the last byte, or then the number of bytes
 */
public record ByteRange(long first, long last) {

  private static final long SUFFIX = -1;

  private static final String UNIT = "bytes=";

  /** Longer numbers are beyond every value. */
  private static final int DIGITS = 18;

  /** One range; a list may have empty elements. */
  private static final Pattern ONE = Pattern.compile("[ \\t,]*+([0-9]*+)-([0-9]*+)[ \\t,]*+");

  /**
   * A part of a value.
   *
   * @param from the position of its first byte
   * @param length the number of its bytes
   */
  public record Part(int from, int length) {}

  /**
   * The range of a request, or null if the whole value is to be sent: for no range, several ranges,
   * another unit, or a malformed header. A server may ignore any range.
   */
  public static @Nullable ByteRange parse(Enumeration<String> values) {
    if (!values.hasMoreElements()) {
      return null;
    }
    String value = values.nextElement();
    if (values.hasMoreElements() || !value.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return null;
    }
    Matcher one = ONE.matcher(value).region(UNIT.length(), value.length());
    return one.matches() ? of(one.group(1), one.group(2)) : null;
  }

  private static @Nullable ByteRange of(String first, String last) {
    if (first.isEmpty()) {
      return last.isEmpty() ? null : new ByteRange(SUFFIX, number(last));
    }
    long from = number(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
    return to < from ? null : new ByteRange(from, to);
  }

  private static long number(String digits) {
    return digits.length() > DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  /** The part of a value of this size; null if it has no byte of the range. */
  public @Nullable Part within(int size) {
    if (first == SUFFIX) {
      int length = (int) Math.min(last, size);
      return last == 0 ? null : new Part(size - length, length);
    }
    if (first >= size) {
      return null;
    }
    int from = (int) first;
    return new Part(from, (int) Math.min(last - from, size - from - 1L) + 1);
  }
}
