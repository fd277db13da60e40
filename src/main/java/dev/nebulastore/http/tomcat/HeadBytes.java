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

  // Positions in the buffer, in which a head begins at 0.
  private int headers;
  private int line;
  private int at;
  private byte previous;
  private boolean complete;

  /** Creates the view of a buffer. */
  HeadBytes(HeaderDataSource source) {
    this.source = source;
  }

  /** Begins the headers of a request whose line was parsed. */
  void begin() {
    headers = getHeaderByteBuffer().position();
    line = 0;
    at = 0;
    previous = 0;
    complete = false;
    examine();
  }

  @Override
  public boolean fillHeaderBuffer() throws IOException {
    boolean more = source.fillHeaderBuffer();
    examine();
    return more;
  }

  @Override
  public ByteBuffer getHeaderByteBuffer() {
    return source.getHeaderByteBuffer();
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
