package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.apache.coyote.Request;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Decides which host a request names, by RFC 9112, section 3.2, before Tomcat looks: the target in
 * absolute form wins over the Host header.
 *
 * <p>A request without a valid host is answered with the reason. Tomcat would say nothing, and
 * close the connection, although it knows where the next request begins. So it sees a valid host in
 * place of the wrong one, and {@link ErrorValve} refuses the request.
 *
 * <p>Threads: immutable; a request is confined to its connection's.
 */
final class RequestedHost {

  /** The note of Tomcat's request that says what is wrong with its host. */
  private static final int NOTE = 17;

  private static final String HOST = "host";
  private static final String HTTP_1_1 = "HTTP/1.1";
  private static final byte[] STAND_IN = "localhost".getBytes(US_ASCII);

  private RequestedHost() {}

  /** What is wrong with the host of a request, in a sentence; null if nothing is. */
  static @Nullable String fault(Request request) {
    return request.getNote(NOTE) instanceof String fault ? fault : null;
  }

  /** Says what is wrong with the host of a request. */
  static void refuse(Request request, String fault) {
    request.setNote(NOTE, fault);
  }

  /** Looks at a head that was just parsed; Tomcat also asks between two requests. */
  static void settle(Request request) {
    request.setNote(NOTE, null);
    MessageBytes target = request.requestURI();
    if (target.getType() != MessageBytes.T_BYTES) {
      return;
    }
    MimeHeaders headers = request.getMimeHeaders();
    String fault = fault(headers, request.protocol().equals(HTTP_1_1));
    ByteChunk path = target.getByteChunk();
    byte[] bytes = path.getBuffer();
    int authority = authority(path);
    if (authority >= 0) {
      int end = endOfAuthority(path, authority);
      if (fault == null && (authority == end || !HostHeader.isValid(bytes, authority, end))) {
        fault = "The request target has no valid host.";
      }
      headers.setValue(HOST).setBytes(bytes, authority, end - authority);
    } else if (fault != null) {
      headers.setValue(HOST).setBytes(STAND_IN, 0, STAND_IN.length);
    }
    if (fault != null) {
      refuse(request, fault);
    }
  }

  private static @Nullable String fault(MimeHeaders headers, boolean required) {
    int first = headers.findHeader(HOST, 0);
    if (first < 0) {
      return required ? "The request has no Host header, which HTTP/1.1 requires." : null;
    }
    if (headers.findHeader(HOST, first + 1) >= 0) {
      return "The request has more than one Host header.";
    }
    ByteChunk value = headers.getValue(first).getByteChunk();
    return HostHeader.isValid(value.getBuffer(), value.getStart(), value.getEnd())
        ? null
        : "The Host header must be a host name or an address, perhaps with a port.";
  }

  /** Where the host of a target in absolute form begins, behind user information; -1 for others. */
  private static int authority(ByteChunk target) {
    int scheme = target.startsWithIgnoreCase("https://", 0) ? 8 : 7;
    if (scheme == 7 && !target.startsWithIgnoreCase("http://", 0)) {
      return -1;
    }
    int from = target.getStart() + scheme;
    int end = endOfAuthority(target, from);
    for (int i = end - 1; i >= from; i--) {
      if (target.getBuffer()[i] == '@') {
        return i + 1;
      }
    }
    return from;
  }

  private static int endOfAuthority(ByteChunk target, int from) {
    int end = from;
    while (end < target.getEnd() && target.getBuffer()[end] != '/') {
      end++;
    }
    return end;
  }
}
