package dev.nebulastore.api;

import dev.nebulastore.http.FastRequest;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the conditional headers of a request (RFC 9110, section 13.1).
 *
 * <p>Threads: immutable.
 */
final class Conditions {

  /** What the servlet API says for a header that is not there; a date has whole seconds. */
  private static final long NO_DATE = -1;

  private Conditions() {}

  /** All conditions of a request; a 400 if a list of tags is malformed. */
  static Precondition of(HttpServletRequest request) {
    Versions ifMatch = Etag.parse("If-Match", request.getHeaders("If-Match"), false);
    Versions ifNoneMatch = Etag.parse("If-None-Match", request.getHeaders("If-None-Match"), true);
    Instant ifModifiedSince = date(request, "If-Modified-Since");
    Instant ifUnmodifiedSince = date(request, "If-Unmodified-Since");
    return of(ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince);
  }

  /** All conditions of a plain request, which has none on dates. */
  static Precondition of(FastRequest request) {
    return of(
        Etag.parse("If-Match", Collections.enumeration(request.ifMatch()), false),
        Etag.parse("If-None-Match", Collections.enumeration(request.ifNoneMatch()), true),
        null,
        null);
  }

  private static Precondition of(
      @Nullable Versions ifMatch,
      @Nullable Versions ifNoneMatch,
      @Nullable Instant ifModifiedSince,
      @Nullable Instant ifUnmodifiedSince) {
    boolean none =
        ifMatch == null
            && ifNoneMatch == null
            && ifModifiedSince == null
            && ifUnmodifiedSince == null;
    return none
        ? Precondition.NONE
        : new Precondition(ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince);
  }

  /** What is no date, or several of them, is no condition: RFC 9110 has it ignored. */
  private static @Nullable Instant date(HttpServletRequest request, String header) {
    try {
      long millis = request.getDateHeader(header);
      return millis == NO_DATE || isRepeated(request, header) ? null : Instant.ofEpochMilli(millis);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isRepeated(HttpServletRequest request, String header) {
    Enumeration<String> values = request.getHeaders(header);
    values.nextElement();
    return values.hasMoreElements();
  }
}
