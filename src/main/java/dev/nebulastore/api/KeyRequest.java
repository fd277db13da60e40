package dev.nebulastore.api;

import dev.nebulastore.http.FastRequest;
import dev.nebulastore.kv.Key;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a request for one key, whichever way it came. */
sealed interface KeyRequest {

  /** The key that its path names. */
  Key key();

  /** As it was sent, or null if there is none. */
  @Nullable String query();

  /** How many bytes the body has, or -1 if that is not said. */
  long contentLength();

  /** The media type of the body, or null if that is not said. */
  @Nullable String contentType();

  /** The values of all headers of a name. */
  Enumeration<String> headers(String name);

  /** The date in a header; null for what is no date, or several, as RFC 9110 has it ignored. */
  @Nullable Instant date(String name);

  /** Whether there is a body of at least one byte. */
  boolean hasContent() throws IOException;

  /** One that comes through Spring MVC. */
  record ByServlet(HttpServletRequest request, Key key) implements KeyRequest {
    /** What the servlet API says for a header that is not there; a date has whole seconds. */
    private static final long NO_DATE = -1;

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

  /** One of the fast path, which takes none with other headers that matter. */
  record ByFastPath(FastRequest request, Key key) implements KeyRequest {
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
            case Conditions.IF_MATCH -> request.ifMatch();
            case Conditions.IF_NONE_MATCH -> request.ifNoneMatch();
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
