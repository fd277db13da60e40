package dev.nebulastore.api.kv;

import dev.nebulastore.http.fast.FastRequest;
import dev.nebulastore.kv.Key;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.RequestCaller;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a request for one key, from the controller or the fast path. */
sealed interface KeyRequest {

  String IF_MATCH = "If-Match";
  String IF_NONE_MATCH = "If-None-Match";

  /** The key that its path names. */
  Key key();

  /** Who sends it. */
  Caller caller();

  /** The raw query, or null if there is none. */
  @Nullable String query();

  /** The length of the body in bytes, or -1 if it is not known. */
  long contentLength();

  /** The media type of the body, or null if there is none. */
  @Nullable String contentType();

  /** The values of all headers of a name. */
  Enumeration<String> headers(String name);

  /** The date of a header; null if it is malformed or repeated, as RFC 9110 ignores it then. */
  @Nullable Instant date(String name);

  /** Whether there is a body of at least one byte. */
  boolean hasContent() throws IOException;

  /** A request that came through Spring MVC. */
  record ByServlet(HttpServletRequest request, Key key) implements KeyRequest {
    /** What the servlet API returns for a missing header. */
    private static final long NO_DATE = -1;

    @Override
    public Caller caller() {
      return RequestCaller.of(request);
    }

    @Override
    public @Nullable String query() {
      return request.getQueryString();
    }

    @Override
    public long contentLength() {
      return request.getContentLengthLong();
    }

    @Override
    public @Nullable String contentType() {
      return request.getContentType();
    }

    @Override
    public Enumeration<String> headers(String name) {
      return request.getHeaders(name);
    }

    @Override
    public @Nullable Instant date(String name) {
      try {
        long millis = request.getDateHeader(name);
        return millis == NO_DATE || isRepeated(name) ? null : Instant.ofEpochMilli(millis);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    private boolean isRepeated(String name) {
      Enumeration<String> values = headers(name);
      values.nextElement();
      return values.hasMoreElements();
    }

    @Override
    public boolean hasContent() throws IOException {
      return contentLength() > 0 || request.getInputStream().read() >= 0;
    }
  }

  /** A request of the fast path, which accepts no other headers that matter. */
  record ByFastPath(FastRequest request, Key key, Caller caller) implements KeyRequest {
    @Override
    public @Nullable String query() {
      return request.query();
    }

    @Override
    public long contentLength() {
      return request.contentLength();
    }

    @Override
    public @Nullable String contentType() {
      return request.contentType();
    }

    @Override
    public Enumeration<String> headers(String name) {
      List<String> values =
          switch (name) {
            case IF_MATCH -> request.ifMatch();
            case IF_NONE_MATCH -> request.ifNoneMatch();
            default -> List.of();
          };
      return Collections.enumeration(values);
    }

    @Override
    public @Nullable Instant date(String name) {
      return null;
    }

    @Override
    public boolean hasContent() {
      return contentLength() > 0;
    }
  }
}
