package dev.nebulastore.api.kv;

import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.http.RawPath;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Hides keys and CORS from Spring MVC. Before Spring MVC calls a handler, it decodes and parses the
 * path, and answers preflights: {@code /kv/%zz} would fail, and the key {@code a;b} would change.
 * So Spring MVC sees only {@value KeyCodec#PREFIX} and no {@code Origin}. {@link RawPath} and
 * access logs see the path as it was sent.
 *
 * <p>Threads: immutable.
 */
final class KeyPathFilter extends HttpFilter {

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean ofKey = RawPath.of(request).startsWith(KeyCodec.PREFIX);
    chain.doFilter(new Shown(request, ofKey), response);
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
      return ofKey ? getContextPath() + KeyCodec.PREFIX : super.getRequestURI();
    }

    @Override
    public @Nullable String getHeader(String name) {
      return name.equalsIgnoreCase("Origin") ? null : super.getHeader(name);
    }
  }
}
