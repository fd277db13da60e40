package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.answer.ProblemBoundary;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.keys.PrefixChange.Kind;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.RequestCaller;
import dev.nebulastore.security.Role;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code DELETE} and {@code PATCH} of {@code /keys}: deletes all keys with a prefix, or
 * changes when they expire.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(AllowedMethods.KEYS)
final class PrefixController {

  private static final Logger log = LoggerFactory.getLogger(PrefixController.class);
  private static final List<String> CONDITIONS =
      List.of("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since");

  /** The bytes of one step: the keys found, and their commands in flight. */
  private static final int CHANGE = 1 << 20;

  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final Problems problems;
  private final ProblemBoundary boundary;
  private final ContentMemory memory;

  PrefixController(Keyspace keyspace, RequestAudit audit, Problems problems, ContentMemory memory) {
    this.keyspace = keyspace;
    this.audit = audit;
    this.problems = problems;
    this.memory = memory;
    this.boundary =
        new ProblemBoundary(
            problems,
            AllowedMethods.OF_KEYS,
            "Keys are listed at " + AllowedMethods.KEYS + ".",
            failure ->
                log.warn(
                    "A change by prefix was broken off: {}",
                    problems.refusal(failure, null).facts().detail()));
  }

  /** Deletes all keys that begin with a prefix. */
  @DeleteMapping
  void delete(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.serve(
        request,
        response,
        () -> {
          PrefixQuery query = PrefixQuery.ofDeletion(request.getQueryString());
          change(request, response, query, new Kind.Deletion());
        });
  }

  /** Changes when all keys that begin with a prefix expire. */
  @PatchMapping
  void touch(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.serve(
        request,
        response,
        () -> {
          PrefixQuery query = PrefixQuery.ofTouch(request.getQueryString());
          change(request, response, query, new Kind.Touch(query.ttl()));
        });
  }

  private void change(
      HttpServletRequest request, HttpServletResponse response, PrefixQuery query, Kind kind)
      throws IOException {
    String prefix = query.prefix();
    RequestCaller.of(request).requirePrefix(Role.WRITE, prefix);
    for (String condition : CONDITIONS) {
      if (request.getHeader(condition) != null) {
        throw new ApiException(
            Problem.INVALID_CONDITION, condition + " can't be used with many keys.");
      }
    }
    if (kind instanceof Kind.Touch
        && (request.getContentLengthLong() > 0 || request.getInputStream().read() >= 0)) {
      throw new ApiException(
          Problem.INVALID_REQUEST, "PATCH changes only the expiry. Send no body.");
    }
    try (Share share = memory.share(ClientConnection.of(request).peer())) {
      share.need(CHANGE);
      if (query.dryRun()) {
        isChanged(query, kind, request, response);
      } else {
        audit.byPrefix(request, prefix, () -> isChanged(query, kind, request, response));
      }
    } catch (PrefixChange.Incomplete e) {
      problems.write(request, response, e.refusal());
    }
  }

  /** Returns false if the client has gone. */
  private boolean isChanged(
      PrefixQuery query, Kind kind, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ClientConnection connection = ClientConnection.of(request);
    ClientPresence client = connection.presence();
    OptionalLong found =
        new PrefixChange(
                keyspace,
                kind,
                () -> memory.share(connection.peer()),
                client::isGone,
                query.dryRun())
            .run(query.prefix());
    if (found.isEmpty()) {
      connection.abort(null);
      return false;
    }
    byte[] body = kind.answer(found.getAsLong(), query.dryRun()).getBytes(UTF_8);
    response.setContentType("application/json");
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    return true;
  }
}
