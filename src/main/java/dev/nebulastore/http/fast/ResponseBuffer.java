package dev.nebulastore.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.nebulastore.http.Reply;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Collects an answer: its head as it is sent, and its body. The length and the date are added at
 * the end.
 *
 * <p>Threads: confined to one. It is reused for many answers.
 */
final class ResponseBuffer implements Reply {

  private static final byte[] EMPTY = {};
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final byte[] BEGINNING = "HTTP/1.1 ".getBytes(ISO_8859_1);
  private static final byte[] END_OF_LINE = {'\r', '\n'};

  private final Supplier<String> date;
  private byte[] head = new byte[1_024];
  private int length;
  private int status;
  private byte[] body = EMPTY;

  /**
   * Creates an empty buffer.
   *
   * @param date supplies the value of the Date header
   */
  ResponseBuffer(Supplier<String> date) {
    this.date = date;
  }

  @Override
  public void status(int code) {
    length = 0;
    body = EMPTY;
    status = code;
    add(BEGINNING);
    add(Integer.toString(code));
    // Tomcat, too, sends no reason phrase, and the blank before it.
    add(" \r\n");
  }

  /** The name and the value are of printable ASCII. */
  @Override
  public void header(String name, String value) {
    add(name);
    add(": ");
    add(value);
    add(END_OF_LINE);
  }

  @Override
  public void contentType(String type) {
    header("Content-Type", type);
  }

  /** The bytes are not copied. */
  @Override
  public void body(byte[] bytes) {
    body = bytes;
  }

  /** Ends the head of an answer. The connection stays open. */
  void end() {
    lengthAndDate();
    add(END_OF_LINE);
  }

  /** Ends the head of the last answer of a connection. */
  void endLast() {
    lengthAndDate();
    header("Connection", "close");
    add(END_OF_LINE);
  }

  private void lengthAndDate() {
    if (status != NO_CONTENT && status != NOT_MODIFIED) {
      header("Content-Length", Integer.toString(body.length));
    }
    header("Date", date.get());
  }

  byte[] head() {
    return head;
  }

  int headLength() {
    return length;
  }

  byte[] body() {
    return body;
  }

  private void add(byte[] bytes) {
    require(bytes.length);
    System.arraycopy(bytes, 0, head, length, bytes.length);
    length += bytes.length;
  }

  // The upper halves of characters would be lost; there are none in ASCII.
  @SuppressWarnings("deprecation")
  private void add(String ascii) {
    require(ascii.length());
    ascii.getBytes(0, ascii.length(), head, length);
    length += ascii.length();
  }

  private void require(int more) {
    if (length + more > head.length) {
      head = Arrays.copyOf(head, Math.max(2 * head.length, length + more));
    }
  }
}
