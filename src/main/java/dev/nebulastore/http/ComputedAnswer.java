package dev.nebulastore.http;

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
 * Computes the answer to a GET on a compute thread, and then sends it on the request's thread. For
 * scrapes, which take some milliseconds without waiting and read no body.
 *
 * <p>Threads: immutable.
 */
public final class ComputedAnswer implements Filter {

  private final ComputeThreads compute;

  /** Computes answers on these threads. */
  public ComputedAnswer(ComputeThreads compute) {
    this.compute = compute;
  }

  /** Carries a checked exception of a servlet through a compute thread. */
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
