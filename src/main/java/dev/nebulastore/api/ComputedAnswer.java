package dev.nebulastore.api;

import dev.nebulastore.http.ComputeThreads;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Has the whole answer to a GET made on a compute thread, and sends it afterwards, on the request's
 * own thread. For a scrape, which takes some milliseconds without a wait and reads no body.
 *
 * <p>Threads: immutable.
 */
final class ComputedAnswer implements Filter {

  private final ComputeThreads compute;

  ComputedAnswer(ComputeThreads compute) {
    this.compute = compute;
  }

  /** What a servlet may throw, on its way through a thread that throws nothing checked. */
  private static final class Failed extends RuntimeException {
    private final ServletException failure;

    Failed(ServletException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!(request instanceof HttpServletRequest http)
        || !(response instanceof HttpServletResponse target)
        || !http.getMethod().equals("GET")) {
      chain.doFilter(request, response);
      return;
    }
    ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(target);
    try {
      compute.run(Long.MAX_VALUE, () -> make(http, answer, chain));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (Failed e) {
      throw e.failure;
    }
    answer.copyBodyToResponse();
  }

  private static @Nullable Void make(
      HttpServletRequest request, HttpServletResponse answer, FilterChain chain) {
    try {
      chain.doFilter(request, answer);
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ServletException e) {
      throw new Failed(e);
    }
  }
}
