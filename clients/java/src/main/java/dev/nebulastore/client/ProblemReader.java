package dev.nebulastore.client;

import dev.nebulastore.client.NebulaStoreException.Applied;
import dev.nebulastore.client.NebulaStoreException.Facts;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Turns error responses into exceptions.
 *
 * <p>Threads: immutable.
 */
final class ProblemReader {

  private static final String PAGES = "/problems/";

  private ProblemReader() {}

  /** The exception for an error response. */
  static NebulaStoreException of(ClientHttpResponse response) throws IOException {
    int status = response.getStatusCode().value();
    Duration retryAfter = retryAfter(response.getHeaders());
    String currentEtag = response.getHeaders().getFirst(HttpHeaders.ETAG);
    byte[] body = response.getBody().readAllBytes();
    String type = response.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
    if (type != null && type.startsWith("application/problem+json")) {
      try {
        return of(Json.read(body, ProblemJson.class), status, currentEtag, retryAfter);
      } catch (NebulaStoreException malformed) {
        return unreadable(status, currentEtag, retryAfter, malformed.getCause());
      }
    }
    return unreadable(status, currentEtag, retryAfter, null);
  }

  /** The exception for a problem within a response, such as that of a batch. */
  static NebulaStoreException of(ProblemJson problem) {
    return of(problem, problem.status() == null ? 0 : problem.status(), null, null);
  }

  private static NebulaStoreException of(
      ProblemJson problem, int status, @Nullable String etag, @Nullable Duration retryAfter) {
    String type = Objects.requireNonNullElse(problem.type(), "");
    String code =
        type.contains(PAGES) ? type.substring(type.lastIndexOf('/') + 1) : httpCode(status);
    Facts facts =
        new Facts(
            code,
            status,
            applied(problem.applied(), status),
            problem.currentEtag() != null ? problem.currentEtag() : etag,
            problem.key(),
            problem.shard(),
            retryAfter);
    String title = Objects.requireNonNullElse(problem.title(), "");
    String detail = Objects.requireNonNullElse(problem.detail(), "");
    return new NebulaStoreException(facts, "%s: %s %s".formatted(code, title, detail), null);
  }

  /** A client error without the member {@code applied} has changed nothing. */
  private static Applied applied(@Nullable String applied, int status) {
    boolean unchanged = applied == null ? status < 500 : applied.equals("no");
    return unchanged ? Applied.NO : Applied.UNKNOWN;
  }

  /**
   * Without a problem detail the response comes from a proxy, or is that of HEAD, which has no
   * body.
   */
  private static NebulaStoreException unreadable(
      int status, @Nullable String etag, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    String code = httpCode(status);
    Facts facts = new Facts(code, status, Applied.UNKNOWN, etag, null, null, retryAfter);
    return new NebulaStoreException(facts, code + " without a problem detail", cause);
  }

  private static String httpCode(int status) {
    return "http-" + status;
  }

  /** The server sends seconds; a date, which only a proxy would send, is ignored. */
  private static @Nullable Duration retryAfter(HttpHeaders headers) {
    String seconds = headers.getFirst(HttpHeaders.RETRY_AFTER);
    return seconds != null && seconds.matches("\\d{1,9}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : null;
  }
}
