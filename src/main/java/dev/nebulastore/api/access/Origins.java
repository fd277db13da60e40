package dev.nebulastore.api.access;

import dev.nebulastore.api.codec.AllowedMethods;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which pages may use the store: those that it serves itself, and those of allowed origins, whose
 * browsers are answered by the Fetch standard, section 3.3 (CORS).
 *
 * <p>Threads: immutable.
 */
final class Origins {

  /** Methods by which nothing changes. */
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  /** Those of the actuator and of pages. */
  private static final String OTHERS = "GET, HEAD, POST, DELETE";

  private static final String HEADERS =
      "Accept, Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since,"
          + " If-Range, If-Unmodified-Since, Last-Event-ID, Prefer, Range";
  private static final String EXPOSED =
      "Accept-Ranges, Content-Range, ETag, Last-Modified, Nebula-Expires, Link,"
          + " Preference-Applied, Retry-After, WWW-Authenticate, Accept, Accept-Encoding";
  private static final String MAX_AGE = "600";

  /** The ports that an origin does not name. */
  private static final int HTTP = 80;

  private static final int HTTPS = 443;

  private final List<String> allowed;

  Origins(List<String> allowed) {
    this.allowed = List.copyOf(allowed);
  }

  /** Whether a request comes from a page that may not send it. */
  boolean refuses(HttpServletRequest request) {
    String origin = request.getHeader("Origin");
    return origin != null
        && (!isSafe(request) || isPreflight(request))
        && !isOwn(origin, request)
        && !isAllowed(origin);
  }

  /** Whether a request changes nothing. */
  static boolean isSafe(HttpServletRequest request) {
    return SAFE.contains(request.getMethod());
  }

  /** Whether a browser asks, on behalf of a page, whether it may send a request. */
  static boolean isPreflight(HttpServletRequest request) {
    return request.getMethod().equals("OPTIONS")
        && request.getHeader("Origin") != null
        && request.getHeader("Access-Control-Request-Method") != null;
  }

  /** Adds what an allowed page needs to read the answer, if one asks. */
  void describe(HttpServletRequest request, HttpServletResponse response) {
    String origin = request.getHeader("Origin");
    if (origin != null && isAllowed(origin)) {
      response.addHeader("Vary", "Origin");
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Expose-Headers", EXPOSED);
    }
  }

  /** Answers the preflight of an allowed page. */
  static void answer(String path, HttpServletResponse response) {
    Optional<AllowedMethods> known = AllowedMethods.at(path);
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    known.ifPresent(methods -> methods.tell(response));
    response.setHeader(
        "Access-Control-Allow-Methods", known.map(AllowedMethods::allow).orElse(OTHERS));
    response.setHeader("Access-Control-Allow-Headers", HEADERS);
    response.setHeader("Access-Control-Max-Age", MAX_AGE);
  }

  private boolean isAllowed(String origin) {
    return allowed.contains(CorsProperties.ALL)
        || allowed.contains(origin.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether a page comes from this server, by the name in Host or, where headers of proxies count,
   * by that which the proxy has. The scheme is not compared: a proxy may have ended TLS.
   */
  private static boolean isOwn(String origin, HttpServletRequest request) {
    int scheme = origin.indexOf("://");
    if (scheme <= 0) {
      return false;
    }
    String authority = origin.substring(scheme + 3);
    int port = request.getServerPort();
    boolean named = port == HTTP || port == HTTPS;
    String name = request.getServerName();
    return authority.equalsIgnoreCase(request.getHeader("Host"))
        || authority.equalsIgnoreCase(named ? name : name + ":" + port);
  }
}
