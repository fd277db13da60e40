package dev.nebulastore.kv;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The form of numbers that can be added to: {@code -?(0|[1-9][0-9]*)} in ASCII, within 64 bits.
 * There are no blanks, no plus and no leading zeros, so that a value such as a phone number is not
 * taken for one.
 *
 * <p>Threads: immutable.
 */
public final class Counter {

  /** The media type of a number that was added to. */
  public static final String CONTENT_TYPE = "text/plain";

  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)");

  /** The length of {@link Long#MIN_VALUE}, the longest number. */
  private static final int MAX_LENGTH = 20;

  private Counter() {}

  /** The number that a text is; empty if it is none. */
  public static OptionalLong parse(String text) {
    if (text.length() > MAX_LENGTH || !NUMBER.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      // It is out of range.
      return OptionalLong.empty();
    }
  }

  /** The number that a value is, whatever its media type; empty if it is none. */
  public static OptionalLong of(Value value) {
    // A longer one may not have been read.
    return value.size() > MAX_LENGTH
        ? OptionalLong.empty()
        : parse(new String(value.bytes(), US_ASCII));
  }

  /** The sum; empty if it does not fit 64 bits. */
  static OptionalLong sum(long number, long amount) {
    long sum = number + amount;
    boolean overflows = ((number ^ sum) & (amount ^ sum)) < 0;
    return overflows ? OptionalLong.empty() : OptionalLong.of(sum);
  }

  /** The value that is this number. */
  static Value value(long number) {
    return new Value(Long.toString(number).getBytes(US_ASCII), CONTENT_TYPE);
  }
}
