package dev.nebulastore.api.access;

import dev.nebulastore.http.RawPath;
import dev.nebulastore.security.Gate;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a request of the servlet container what the gate asks of its sender. It looks at the
 * request as it was sent, since {@code ForwardedHeaderFilter} hides that it came through a proxy,
 * and takes the address of the client from a header.
 *
 * <p>Threads: immutable.
 */
final class ServletSender {

  /** Set by Tomcat's RemoteIpValve, which replaces the peer's address by that of a header. */
  private static final String FORWARDED = "org.apache.tomcat.request.forwarded";

  private static final List<String> OF_PROXY = List.of("forwarded", "via", "x-real-ip");
  private static final String OF_PROXY_PREFIX = "x-forwarded-";

  /** Set by Tomcat to the chain that the TLS handshake has verified; never by a header. */
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private ServletSender() {}

  /**
   * Reads what is known of a sender.
   *
   * @param withCertificate whether the gate wants the certificate of a sender without a token
   */
  static Gate.Sender of(HttpServletRequest request, boolean withCertificate) {
    HttpServletRequest sent = RawPath.sent(request);
    boolean proxied =
        sent.getAttribute(FORWARDED) != null
            || Collections.list(sent.getHeaderNames()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(name -> OF_PROXY.contains(name) || name.startsWith(OF_PROXY_PREFIX));
    String authorization = authorization(sent);
    return new Gate.Sender(
        address(sent.getRemoteAddr()),
        proxied,
        sent.getHeader("Host"),
        authorization,
        withCertificate && authorization == null ? certificate(sent) : null);
  }

  /** Null on a connection in the clear, and if the client showed none or was not asked for one. */
  private static @Nullable X500Principal certificate(HttpServletRequest request) {
    return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
        ? chain[0].getSubjectX500Principal()
        : null;
  }

  /** A header of a proxy may contain anything. */
  private static @Nullable InetAddress address(@Nullable String text) {
    try {
      return text == null ? null : InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Two headers are no token. */
  private static @Nullable String authorization(HttpServletRequest request) {
    List<String> values = Collections.list(request.getHeaders("Authorization"));
    return switch (values.size()) {
      case 0 -> null;
      case 1 -> values.getFirst();
      default -> "";
    };
  }
}
