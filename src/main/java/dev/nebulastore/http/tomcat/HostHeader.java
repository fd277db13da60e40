package dev.nebulastore.http.tomcat;

import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.parser.Host;

/**
 * Parses a host, perhaps with a port, by RFC 3986, section 3.2. Tomcat's own parser accepts only
 * names of DNS, so no {@code nebula_store}, which is what containers and upstreams are called.
 *
 * <p>Threads: immutable.
 */
final class HostHeader {

  private static final int MAX_PORT = 65_535;
  private static final int MAX_PORT_DIGITS = 5;
  private static final String SUB_DELIMITERS = "!$&'()*+,;=";
  private static final String UNRESERVED = "-._~";

  private HostHeader() {}

  /** Whether this is a host, perhaps with a port. The empty name is one, too. */
  static boolean isValid(byte[] host) {
    return isValid(host, 0, host.length);
  }

  /** Whether these bytes are a host, perhaps with a port. */
  static boolean isValid(byte[] bytes, int from, int to) {
    int end = endOfName(bytes, from, to);
    boolean literal = from < end && bytes[from] == '[';
    return isPort(bytes, end, to)
        && (literal ? isLiteral(bytes, from, end) : isName(bytes, from, end));
  }

  /** Where the name of a host ends: before the last colon, unless that belongs to an address. */
  static int endOfName(byte[] bytes, int from, int to) {
    for (int i = to - 1; i >= from && bytes[i] != ']'; i--) {
      if (bytes[i] == ':') {
        return i;
      }
    }
    return to;
  }

  /** The port behind a name; -1 if there is none. */
  static int port(byte[] bytes, int end, int to) {
    int port = 0;
    for (int i = end + 1; i < to; i++) {
      port = 10 * port + bytes[i] - '0';
    }
    return end + 1 < to ? port : -1;
  }

  private static boolean isPort(byte[] bytes, int end, int to) {
    if (to - end > MAX_PORT_DIGITS + 1) {
      return false;
    }
    for (int i = end + 1; i < to; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return false;
      }
    }
    return port(bytes, end, to) <= MAX_PORT;
  }

  /** Whether this is a reg-name, of which an IPv4 address is one, too. */
  private static boolean isName(byte[] bytes, int from, int end) {
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if (b == '%') {
        if (i + 2 >= end || !isHexDigit(bytes[i + 1]) || !isHexDigit(bytes[i + 2])) {
          return false;
        }
        i += 2;
      } else if (!isLetterOrDigit(b)
          && UNRESERVED.indexOf(b) < 0
          && SUB_DELIMITERS.indexOf(b) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetterOrDigit(byte b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
  }

  private static boolean isHexDigit(byte b) {
    return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
  }

  private static boolean isLiteral(byte[] bytes, int from, int end) {
    MessageBytes value = MessageBytes.newInstance();
    value.setBytes(bytes, from, end - from);
    try {
      // No port is left.
      return Host.parse(value) < 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
