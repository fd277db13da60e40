package dev.nebulastore.client;

import dev.nebulastore.client.NebulaStoreException.Applied;
import dev.nebulastore.client.NebulaStoreException.Facts;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Makes exceptions of problem details, and of what is sent or happens in place of one.
 *
 * <p>Threads: immutable.
 */
final class ProblemReader {

  private static final String PAGES = "/problems/";

  private ProblemReader() {}

  /** The exception for an answer that is none of success. */
  static NebulaStoreException of(ClientHttpResponse response) throws IOException {
    int status = response.getStatusCode().value();
    Duration retryAfter = retryAfter(response.getHeaders());
    String currentEtag = response.getHeaders().getFirst(HttpHeaders.ETAG);
    byte[] body = response.getBody().readAllBytes();
    String type = response.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE);
    if (type != null && type.startsWith("application/problem+json")) {
      try {
        return of(Json.MAPPER.readTree(body), status, currentEtag, retryAfter);
      } catch (JacksonException e) {
        return unreadable(status, currentEtag, retryAfter, e);
      }
    }
    return unreadable(status, currentEtag, retryAfter, null);
  }

  /** The exception for a problem within an answer, such as that of a batch. */
  static NebulaStoreException of(JsonNode problem) {
    return of(problem, problem.path("status").asInt(0), null, null);
  }

  /** The exception for a request that got no answer, or only a part of one. */
  static NebulaStoreException noAnswer(Exception failure, @Nullable Throwable cause) {
    if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
      return new NebulaStoreException(
          Facts.of(NebulaStoreException.NO_CONNECTION, 0, Applied.NO),
          "The server can't be reached",
          failure);
    }
    return new NebulaStoreException(
        Facts.of(NebulaStoreException.NO_ANSWER, 0, Applied.UNKNOWN),
        "The server did not answer",
        failure);
  }

  private static NebulaStoreException of(
      JsonNode problem, int status, @Nullable String etag, @Nullable Duration retryAfter) {
    String type = problem.path("type").asString("");
    String code = type.substring(type.lastIndexOf('/') + 1);
    Facts facts =
        new Facts(
            type.contains(PAGES) ? code : "http-" + status,
            status,
            applied(problem.path("applied").asString(""), status),
            text(problem, "currentEtag", etag),
            text(problem, "key", null),
            problem.has("shard") ? problem.path("shard").asInt(0) : null,
            retryAfter);
    String title = problem.path("title").asString("");
    String detail = problem.path("detail").asString("");
    return new NebulaStoreException(facts, "%s: %s %s".formatted(code, title, detail), null);
  }

  /** Of an error of the client's own, the server need not say that nothing was done. */
  private static Applied applied(String said, int status) {
    return said.equals("no") || (said.isEmpty() && status < 500) ? Applied.NO : Applied.UNKNOWN;
  }

  private static NebulaStoreException unreadable(
      int status, @Nullable String etag, @Nullable Duration retryAfter, @Nullable Exception cause) {
    // Without a problem it is not the server that speaks, but something before it; or HEAD.
    String code = "http-" + status;
    Facts facts = new Facts(code, status, Applied.UNKNOWN, etag, null, null, retryAfter);
    return new NebulaStoreException(facts, code + " without a problem detail", cause);
  }

  private static @Nullable String text(JsonNode problem, String name, @Nullable String otherwise) {
    return problem.has(name) ? problem.path(name).asString("") : otherwise;
  }

  /** Seconds are what the server sends; a date is left aside. */
  private static @Nullable Duration retryAfter(HttpHeaders headers) {
    String seconds = headers.getFirst(HttpHeaders.RETRY_AFTER);
    return seconds != null && seconds.matches("\\d{1,9}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : null;
  }
}
