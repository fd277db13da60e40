package dev.nebulastore.http.tomcat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderDataSource;

/**
 * The bytes of a head, each of which is examined before Tomcat's parser sees it: the parser joins
 * folded lines in place, and afterwards nothing tells that they were folded.
 *
 * <p>Threads: confined to the connection's.
 */
final class HeadBytes implements HeaderDataSource {

  private final HeaderDataSource source;
  private final int max;

  // Positions in the buffer, in which a head begins at 0.
  private int headers;
  private int line;
  private int at;
  private byte previous;
  private boolean complete;

  /**
   * Creates the view of a buffer.
   *
   * @param max the length of a head from which on Tomcat refuses it
   */
  HeadBytes(HeaderDataSource source, int max) {
    this.source = source;
    this.max = max;
  }

  /** Whether a buffer that is full, or nearly so, contains only a part of a request line. */
  static boolean isLineTooLong(ByteBuffer head, int max) {
    int start = 0;
    while (start < head.limit() && (head.get(start) == '\r' || head.get(start) == '\n')) {
      start++;
    }
    for (int i = start; i < head.limit(); i++) {
      if (head.get(i) == '\n') {
        return false;
      }
    }
    return start < head.limit() && head.limit() >= max;
  }

  /** Begins the headers of a request whose line was parsed. */
  void begin() {
    headers = getHeaderByteBuffer().position();
    if (headers > max) {
      throw RefusedHead.ofLongLine(max);
    }
    line = 0;
    at = 0;
    previous = 0;
    complete = false;
    examine();
  }

  @Override
  public boolean fillHeaderBuffer() throws IOException {
    if (getHeaderByteBuffer().limit() >= max) {
      throw tooLarge();
    }
    boolean more = source.fillHeaderBuffer();
    examine();
    return more;
  }

  @Override
  public ByteBuffer getHeaderByteBuffer() {
    return source.getHeaderByteBuffer();
  }

  /** Fails if the part that was parsed is too long. */
  void checkLength() {
    if (getHeaderByteBuffer().position() > max) {
      throw tooLarge();
    }
  }

  private RefusedHead tooLarge() {
    return new RefusedHead(
        431, "The head is longer than " + max + " bytes (`server.max-http-request-header-size`).");
  }

  /** Examines what has arrived, up to the end of the head. */
  private void examine() {
    ByteBuffer head = getHeaderByteBuffer();
    int limit = head.limit();
    for (; at < limit && !complete; at++) {
      byte b = head.get(at);
      if (b == '\n') {
        if (previous != '\r') {
          throw malformed("A line ends with LF alone, not with CRLF.");
        }
        complete = line >= headers && at == line + 1;
        line = at + 1;
      } else if (previous == '\r') {
        throw malformed("A CR is not followed by LF.");
      } else if (at == line && at >= headers && (b == ' ' || b == '\t')) {
        throw malformed("A header line begins with a space: folded headers are not supported.");
      }
      previous = b;
    }
  }

  private static RefusedHead malformed(String detail) {
    return new RefusedHead(400, detail);
  }
}
