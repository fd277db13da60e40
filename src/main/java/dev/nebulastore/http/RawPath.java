package dev.nebulastore.http;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The path of a request as it was sent, without the query. An attribute of the request keeps it
 * where Spring MVC sees another path.
 *
 * <p>Threads: immutable.
 */
public final class RawPath {

  private static final String SENT = RawPath.class.getName();

  private RawPath() {}

  /** The path that was {@link #keep kept}, or else that of the request. */
  public static String of(HttpServletRequest request) {
    return request.getAttribute(SENT) instanceof String sent ? sent : request.getRequestURI();
  }

  /** Keeps the path that the request has now, and returns it. */
  public static String keep(HttpServletRequest request) {
    String path = request.getRequestURI();
    request.setAttribute(SENT, path);
    return path;
  }
}
