package dev.nebulastore.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import org.apache.tomcat.util.http.FastHttpDateFormat;

/**
 * An answer in the making: its head as it goes to the connection, and its body. The length and the
 * date are added.
 *
 * <p>Threads: confined to one; it is used again and again.
 */
public final class ResponseBuffer {

  private static final byte[] EMPTY = {};
  private static final int HTTP_OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final byte[] BEGINNING = "HTTP/1.1 ".getBytes(ISO_8859_1);
  private static final byte[] END_OF_LINE = {'\r', '\n'};

  private byte[] head = new byte[1_024];
  private int length;
  private int status;
  private byte[] body = EMPTY;

  ResponseBuffer() {}

  /** Forgets all that was written. */
  public void reset() {
    length = 0;
    status = HTTP_OK;
    body = EMPTY;
  }

  /** Begins with this status; nothing is written before it. */
  public void status(int code) {
    reset();
    status = code;
    add(BEGINNING);
    add(Integer.toString(code));
    // Tomcat, too, sends no reason phrase, and the blank before it.
    add(" \r\n");
  }

  /** Adds a header, whose name and value are of printable ASCII. */
  public void header(String name, String value) {
    add(name);
    add(": ");
    add(value);
    add(END_OF_LINE);
  }

  /** Has these bytes follow the head; they are not copied. */
  public void body(byte[] bytes) {
    body = bytes;
  }

  /** Ends the head. */
  void end() {
    if (status != NO_CONTENT && status != NOT_MODIFIED) {
      header("Content-Length", Integer.toString(body.length));
    }
    header("Date", FastHttpDateFormat.getCurrentDate());
    add(END_OF_LINE);
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
