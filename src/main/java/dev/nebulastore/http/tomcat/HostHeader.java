package dev.nebulastore.http.tomcat;

import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.parser.Host;

/**
 * Reads the value of a Host header as Tomcat does, so that both ways in refuse the same.
 *
 * <p>Threads: immutable.
 */
final class HostHeader {

  private static final int MAX_PORT_DIGITS = 5;

  private HostHeader() {}

  /** Whether this is a host, perhaps with a port. */
  static boolean isValid(byte[] host) {
    if (host.length == 0) {
      return false;
    }
    MessageBytes value = MessageBytes.newInstance();
    value.setBytes(host, 0, host.length);
    try {
      int colon = Host.parse(value);
      for (int i = colon + 1; colon >= 0 && i < host.length; i++) {
        if (host[i] < '0' || host[i] > '9' || i > colon + MAX_PORT_DIGITS) {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
