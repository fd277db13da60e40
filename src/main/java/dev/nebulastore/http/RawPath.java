package dev.nebulastore.http;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;

/**
 * The path of a request as this server got it, without the query, whatever filters show to others:
 * Spring MVC sees no keys, and behind a proxy {@code ForwardedHeaderFilter} puts a prefix before
 * each path, and merges slashes.
 *
 * <p>Threads: immutable.
 */
public final class RawPath {

  private static final int MAX_PREFIX = 256;

  /** One segment or more, without escapes, parameters, dot segments, and what ends a link. */
  private static final Pattern PREFIX =
      Pattern.compile("(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+=:@-]+)+");

  private RawPath() {}

  /** The path of a request. */
  public static String of(HttpServletRequest request) {
    return sent(request).getRequestURI();
  }

  /**
   * What clients have to put before a path: the prefix under which a proxy shows this server. Empty
   * if there is none, or a {@link #hasWrongPrefix wrong} one.
   */
  public static String prefix(HttpServletRequest request) {
    return isBehindPrefix(request) && isPrefix(request.getContextPath())
        ? request.getContextPath()
        : "";
  }

  /** Whether a proxy shows this server under a prefix with which links can't begin. */
  public static boolean hasWrongPrefix(HttpServletRequest request) {
    return isBehindPrefix(request) && !isPrefix(request.getContextPath());
  }

  /** The context path is otherwise that of a management port of its own. */
  private static boolean isBehindPrefix(HttpServletRequest request) {
    String shown = request.getContextPath();
    return shown != null && !shown.isEmpty() && !shown.equals(sent(request).getContextPath());
  }

  private static boolean isPrefix(String text) {
    return text.length() <= MAX_PREFIX && PREFIX.matcher(text).matches();
  }

  /** A request as this server got it. */
  public static HttpServletRequest sent(HttpServletRequest request) {
    ServletRequest sent = request;
    while (sent instanceof ServletRequestWrapper shown) {
      sent = shown.getRequest();
    }
    return sent instanceof HttpServletRequest http ? http : request;
  }
}
