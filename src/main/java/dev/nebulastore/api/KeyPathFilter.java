package dev.nebulastore.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps keys, and CORS, out of Spring MVC's hands. Before it asks any handler it decodes a path and
 * takes it apart, and answers preflights: {@code /kv/%zz} would be an error of its own, and the key
 * {@code a;b} another one. So it sees {@value KeyCodec#PREFIX} alone and no {@code Origin}; the
 * path as it was sent travels beside the request, and an access log sees it, too.
 *
 * <p>Threads: immutable.
 */
final class KeyPathFilter extends HttpFilter {

  private static final String SENT = KeyPathFilter.class.getName();

  /** The path of a request as it was sent, without the query. */
  static String path(HttpServletRequest request) {
    return request.getAttribute(SENT) instanceof String sent ? sent : request.getRequestURI();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI();
    request.setAttribute(SENT, path);
    chain.doFilter(new Shown(request, path.startsWith(KeyCodec.PREFIX)), response);
  }

  /** A request as Spring MVC sees it. */
  private static final class Shown extends HttpServletRequestWrapper {
    private final boolean ofKey;

    Shown(HttpServletRequest request, boolean ofKey) {
      super(request);
      this.ofKey = ofKey;
    }

    @Override
    public String getRequestURI() {
      return ofKey ? KeyCodec.PREFIX : super.getRequestURI();
    }

    @Override
    public @Nullable String getHeader(String name) {
      return name.equalsIgnoreCase("Origin") ? null : super.getHeader(name);
    }
  }
}
