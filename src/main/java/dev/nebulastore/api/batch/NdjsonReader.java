package dev.nebulastore.api.batch;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream into lines as it arrives. A line that is too long, or for which there is no
 * memory, is reported once and skipped in bounded memory. The last line needs no line feed. A byte
 * order mark before the first line is dropped.
 *
 * <p>Threads: confined to the request's.
 */
final class NdjsonReader {

  private static final int SMALL = 16 * 1_024;
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /**
   * A line without its line feed; valid until the next call.
   *
   * @param length the length; has no meaning for a skipped line
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Line(byte[] bytes, int from, int length) {
    /** Whether the line consists of blanks. */
    boolean isBlank() {
      int at = from;
      while (at < from + length && " \t\r".indexOf(bytes[at]) >= 0) {
        at++;
      }
      return at == from + length;
    }
  }

  /** Stands for a line that is too long. */
  static final Line TOO_LONG = new Line(new byte[0], 0, 0);

  /** Stands for a line for which there is no memory. */
  static final Line NO_ROOM = new Line(new byte[0], 0, 0);

  private final InputStream in;
  private final int maxLength;
  private final LongPredicate hasRoom;
  private byte[] buffer = new byte[SMALL];
  private int start;
  private int searched;
  private int end;
  private boolean first = true;
  private boolean skipping;
  private boolean noRoom;

  /**
   * Creates a reader.
   *
   * @param hasRoom whether so many bytes may be held
   */
  NdjsonReader(InputStream in, int maxLength, LongPredicate hasRoom) {
    this.in = in;
    this.maxLength = maxLength;
    this.hasRoom = hasRoom;
  }

  /** The next line, or null if its end was not read yet. */
  @Nullable Line poll() {
    while (searched < end) {
      if (buffer[searched++] == '\n') {
        Line line = line(searched - 1);
        start = searched;
        if (line != null) {
          return line;
        }
      }
    }
    if (!skipping && (noRoom || end - start > maxLength)) {
      Line skipped = noRoom ? NO_ROOM : TOO_LONG;
      skipping = true;
      noRoom = false;
      forget();
      return skipped;
    }
    if (skipping) {
      forget();
    }
    return null;
  }

  /** The text behind the last line feed, at the end of the stream; null if there is none. */
  @Nullable Line last() {
    Line line = start == end ? null : line(end);
    forget();
    return line;
  }

  /** The line that ends here; null at the end of a skipped line. */
  private @Nullable Line line(int to) {
    if (skipping) {
      skipping = false;
      first = false;
      return null;
    }
    skipMark(to);
    return to - start > maxLength ? TOO_LONG : new Line(buffer, start, to - start);
  }

  /** Skips the byte order mark that some editors write. */
  private void skipMark(int to) {
    if (first
        && to - start >= MARK.length
        && Arrays.equals(MARK, 0, MARK.length, buffer, start, start + MARK.length)) {
      start += MARK.length;
    }
    first = false;
  }

  /**
   * Reads what is available, or waits for more, unless there is no memory for it. Returns false at
   * the end of the stream.
   */
  boolean fill() throws IOException {
    makeRoom();
    if (noRoom) {
      return true;
    }
    int read = in.read(buffer, end, buffer.length - end);
    if (read < 0) {
      return false;
    }
    end += read;
    return true;
  }

  private void forget() {
    start = 0;
    searched = 0;
    end = 0;
  }

  /** Moves unread bytes to the front. The buffer grows for a long line and shrinks after it. */
  private void makeRoom() {
    int unread = end - start;
    int size = buffer.length;
    if (unread > buffer.length / 2) {
      size = Math.clamp(2L * buffer.length, unread + 1, Math.max(SMALL, maxLength) + 1);
    } else if (unread == 0) {
      size = SMALL;
    }
    // Both arrays count while one is copied.
    if (size > buffer.length && !hasRoom.test((long) buffer.length + size)) {
      noRoom = true;
      return;
    }
    if (start > 0 || size != buffer.length) {
      byte[] target = size == buffer.length ? buffer : new byte[size];
      System.arraycopy(buffer, start, target, 0, unread);
      if (size != buffer.length) {
        var _ = hasRoom.test(size);
      }
      buffer = target;
    }
    searched -= start;
    start = 0;
    end = unread;
  }
}
