package dev.nebulastore.http.tomcat;

import java.io.IOException;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.http.parser.HttpHeaderParser;

/**
 * Tomcat's parser of headers, which refuses what Tomcat tolerates: bare line feeds, folded headers,
 * and a length beside a transfer coding. A proxy that reads such a head in another way would pass
 * on requests that it has not seen. It also tells a head that is too large from a malformed one.
 *
 * <p>Threads: confined to the connection's.
 */
final class StrictHeaderParser extends HttpHeaderParser {

  private final HeadBytes bytes;
  private final MimeHeaders headers;
  private boolean begun;

  /**
   * Creates a parser for the requests of a processor, one after the other.
   *
   * @param headers those of the processor's request
   */
  StrictHeaderParser(HeadBytes bytes, MimeHeaders headers) {
    super(bytes, headers, false);
    this.bytes = bytes;
    this.headers = headers;
  }

  @Override
  public void recycle() {
    super.recycle();
    begun = false;
  }

  /**
   * Parses the next header.
   *
   * @throws RefusedHead if the head is refused
   */
  @Override
  public HeaderParseStatus parseHeader() throws IOException {
    if (!begun) {
      begun = true;
      bytes.begin();
    }
    HeaderParseStatus status = parse();
    bytes.checkLength();
    if (status == HeaderParseStatus.DONE
        && headers.getValue("Transfer-Encoding") != null
        && headers.getValue("Content-Length") != null) {
      throw new RefusedHead(400, "Content-Length and Transfer-Encoding exclude each other.");
    }
    return status;
  }

  private HeaderParseStatus parse() throws IOException {
    try {
      return super.parseHeader();
    } catch (IllegalStateException e) {
      throw new RefusedHead(431, "The head has more than " + headers.size() + " headers.");
    }
  }
}
