package dev.nebulastore.watch;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the history of one process.
 *
 * @param epoch identifies the process, so that ids of an earlier process are recognised
 * @param sequence the position of the last change that was reported, 0 before the first
 */
public record EventId(long epoch, long sequence) {

  private static final Pattern TEXT = Pattern.compile("([0-9a-f]{16})-(0|[1-9][0-9]{0,18})");

  /** Rejects a negative sequence. */
  public EventId {
    if (sequence < 0) {
      throw new IllegalArgumentException("A sequence is 0 or more, not " + sequence);
    }
  }

  /** Parses the format of {@link #toString}; empty if the text has another one. */
  public static Optional<EventId> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      long sequence = Long.parseLong(parts.group(2));
      return Optional.of(new EventId(Long.parseUnsignedLong(parts.group(1), 16), sequence));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The epoch in 16 hexadecimal digits, a hyphen, and the sequence. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%016x-%d", epoch, sequence);
  }
}
