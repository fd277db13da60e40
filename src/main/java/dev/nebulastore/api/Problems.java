package dev.nebulastore.api;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ShardFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes every error as a problem detail of RFC 9457; nobody else does.
 *
 * <p>Threads: immutable.
 */
final class Problems {

  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  private final JsonMapper json = new JsonMapper();

  /** What a problem says beyond its kind, each part only where it applies. */
  record Facts(
      String detail,
      @Nullable Key key,
      @Nullable Integer shard,
      @Nullable String currentEtag,
      KvException.@Nullable Applied applied) {

    static Facts of(String detail) {
      return new Facts(detail, null, null, null, null);
    }

    static Facts of(String detail, @Nullable Key key, @Nullable String currentEtag) {
      return new Facts(detail, key, null, currentEtag, null);
    }
  }

  /** Answers with what an exception means; one that nobody foresaw is logged, and is a 500. */
  void write(
      HttpServletRequest request,
      HttpServletResponse response,
      Exception failure,
      @Nullable Key key)
      throws IOException {
    switch (failure) {
      case ApiException refusal ->
          write(request, response, refusal.problem(), Facts.of(message(refusal), key, null));
      case ShardFailure shardFailure -> {
        shardFailure
            .retryAfter()
            .ifPresent(delay -> response.setHeader("Retry-After", seconds(delay)));
        write(
            request,
            response,
            problemOf(shardFailure),
            new Facts(
                message(shardFailure), key, shardFailure.shard(), null, shardFailure.applied()));
      }
      case KvException kvFailure ->
          write(request, response, problemOf(kvFailure), Facts.of(message(kvFailure), key, null));
      default -> {
        log.error("A request failed", failure);
        write(
            request,
            response,
            Problem.INTERNAL_ERROR,
            Facts.of("The server's log has the details.", key, null));
      }
    }
  }

  /** Answers with a problem. The response must not have been begun. */
  void write(HttpServletRequest request, HttpServletResponse response, Problem problem, Facts facts)
      throws IOException {
    byte[] body = json.writeValueAsBytes(members(instance(request), problem, facts));
    response.setStatus(problem.status());
    response.setContentType("application/problem+json");
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    if (!"HEAD".equals(request.getMethod())) {
      response.getOutputStream().write(body);
    }
  }

  /** The path of the request; of one that has none, the root. */
  private static String instance(HttpServletRequest request) {
    String path = request.getRequestURI();
    if (path == null || !path.startsWith("/")) {
      return "/";
    }
    // As a reference, //a/b would be the path /b on the host a.
    return uri(path.startsWith("//") ? "/." + path : path);
  }

  private static Map<String, Object> members(String instance, Problem problem, Facts facts) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "/problems/" + problem.code());
    members.put("title", problem.title());
    members.put("status", problem.status());
    members.put("detail", facts.detail());
    members.put("instance", instance);
    if (facts.key() != null) {
      members.put("key", facts.key().toString());
    }
    if (facts.shard() != null) {
      members.put("shard", facts.shard());
    }
    if (facts.currentEtag() != null) {
      members.put("currentEtag", facts.currentEtag());
    }
    if (facts.applied() != null) {
      members.put("applied", facts.applied().name().toLowerCase(Locale.ROOT));
    }
    return members;
  }

  private static Problem problemOf(KvException failure) {
    return Problem.ofCode(failure.code()).orElse(Problem.INTERNAL_ERROR);
  }

  private static String message(Exception failure) {
    String message = failure.getMessage();
    return message == null ? "" : message;
  }

  private static String seconds(Duration delay) {
    return Long.toString(Math.max(1, delay.plusMillis(999).toSeconds()));
  }

  /** The path as a URI: characters that a URI must not hold, and a lone %, are percent-encoded. */
  private static String uri(String path) {
    StringBuilder uri = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean escape =
          c == '%' ? !isEscape(path, i) : c <= ' ' || c >= 0x7f || "\"<>[\\]^`{|}#".indexOf(c) >= 0;
      if (escape) {
        uri.append('%').append("%02X".formatted(c & 0xff));
      } else {
        uri.append(c);
      }
    }
    return uri.toString();
  }

  private static boolean isEscape(String path, int percent) {
    return percent + 2 < path.length()
        && Character.digit(path.charAt(percent + 1), 16) >= 0
        && Character.digit(path.charAt(percent + 2), 16) >= 0;
  }
}
