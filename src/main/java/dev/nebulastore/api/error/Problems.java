package dev.nebulastore.api.error;

import dev.nebulastore.http.RawPath;
import dev.nebulastore.http.Reply;
import dev.nebulastore.http.ServletReply;
import dev.nebulastore.kv.Key;
import dev.nebulastore.security.AccessDenied;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes errors as problem details (RFC 9457). Every error goes through here.
 *
 * <p>Threads: immutable.
 */
public final class Problems {

  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  private static final String MEDIA_TYPE = "application/problem+json";

  private static final String REALM = "Bearer realm=\"nebula\"";

  private final JsonMapper json = new JsonMapper();
  private final AccessListener listener;

  /** Creates a writer of errors. */
  public Problems(AccessListener listener) {
    this.listener = listener;
  }

  /** What an exception means; an unexpected one is logged and is a 500. */
  public Refusal refusal(Exception failure, @Nullable Key key) {
    Refusal refusal = Refusal.of(failure, key);
    if (refusal == null) {
      log.error("A request failed", failure);
      Refusal.Facts facts = Refusal.Facts.of("The server's log has the details.", key, null);
      return new Refusal(Problem.INTERNAL_ERROR, facts, null);
    }
    return refusal;
  }

  /** Answers with what an exception means. */
  public void write(
      HttpServletRequest request,
      HttpServletResponse response,
      Exception failure,
      @Nullable Key key)
      throws IOException {
    Exception answered =
        failure instanceof AccessDenied denied ? listener.denied(request, denied, key) : failure;
    write(request, response, refusal(answered, key));
  }

  /** Answers with a problem and the headers that go with it. */
  public void write(HttpServletRequest request, HttpServletResponse response, Refusal refusal)
      throws IOException {
    write(new ServletReply(request, response), refusal, RawPath.of(request));
  }

  /** Answers with a problem and the headers that go with it, to a request of this path. */
  public void write(Reply reply, Refusal refusal, @Nullable String path) throws IOException {
    reply.status(refusal.problem().status());
    String etag = refusal.facts().currentEtag();
    if (etag != null) {
      reply.header("ETag", etag);
    }
    String challenge = challenge(refusal.problem());
    if (challenge != null) {
      reply.header("WWW-Authenticate", challenge);
    }
    Duration retryAfter = refusal.retryAfter();
    if (retryAfter != null) {
      reply.header("Retry-After", seconds(retryAfter));
    }
    if (refusal.problem() == Problem.UNSUPPORTED_CODING) {
      reply.header("Accept-Encoding", "identity");
    }
    reply.header("Cache-Control", "no-store");
    reply.header("X-Content-Type-Options", "nosniff");
    reply.contentType(MEDIA_TYPE);
    String prefix = reply.prefix();
    reply.body(json.writeValueAsBytes(refusal.members(prefix, instance(prefix, path))));
  }

  /** What tells a client to send a token, by RFC 6750; null for a problem of another kind. */
  private static @Nullable String challenge(Problem problem) {
    return switch (problem) {
      case TOKEN_REQUIRED -> REALM;
      case INVALID_TOKEN -> REALM + ", error=\"invalid_token\"";
      case INSUFFICIENT_SCOPE -> REALM + ", error=\"insufficient_scope\"";
      default -> null;
    };
  }

  /** A complete answer, as bytes, to a request that is not read; its connection is closed. */
  public byte[] onTheWire(Exception failure) {
    Refusal refusal = refusal(failure, null);
    Duration retryAfter = refusal.retryAfter();
    byte[] body = json.writeValueAsBytes(refusal.members("", null));
    // Tomcat, too, sends no reason phrase.
    String head =
        String.join(
            "\r\n",
            "HTTP/1.1 " + refusal.problem().status() + " ",
            "Content-Type: " + MEDIA_TYPE,
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Content-Length: " + body.length,
            "Connection: close"
                + (retryAfter == null ? "" : "\r\nRetry-After: " + seconds(retryAfter)),
            "",
            "");
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    answer.writeBytes(body);
    return answer.toByteArray();
  }

  /** Answers with a problem. The response must still be empty. */
  public void write(
      HttpServletRequest request,
      HttpServletResponse response,
      Problem problem,
      Refusal.Facts facts)
      throws IOException {
    write(request, response, new Refusal(problem, facts, null));
  }

  /**
   * The path of a request as a URI reference, to be put behind a prefix. Null if there is none, or
   * if it has a percent sign that encodes nothing: escaped, it would name another resource.
   */
  private static @Nullable String instance(String prefix, @Nullable String path) {
    if (path == null || !path.startsWith("/")) {
      return null;
    }
    for (int at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
      if (!isEscape(path, at)) {
        return null;
      }
    }
    // As a reference, //a/b would mean the path /b on the host a.
    return uri(prefix.isEmpty() && path.startsWith("//") ? "/." + path : path);
  }

  private static String seconds(Duration delay) {
    return Long.toString(Math.max(1, delay.plusMillis(999).toSeconds()));
  }

  /** Percent-encodes characters that are not allowed in a URI. */
  private static String uri(String path) {
    StringBuilder uri = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f || "\"<>[\\]^`{|}#".indexOf(c) >= 0) {
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
