package dev.nebulastore.api;

import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.router.ShardRouter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * The controller of {@code /kv/{key}}: headers and body become a {@link Command}, the {@link
 * Outcome} becomes the response.
 *
 * <p>It is a servlet of its own beside Spring MVC's, which would cost more than all the rest of the
 * request, and which maps on a path that was decoded and normalised: see
 * docs/decisions/0007-a-servlet-for-keys.md.
 *
 * <p>Threads: immutable.
 */
final class KvServlet extends HttpServlet {

  static final String ALLOW = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS";

  private static final Methods METHODS = new Methods("A key", ALLOW);

  private final transient ShardRouter router;
  private final transient LongPoll polls;
  private final transient Problems problems;
  private final transient ValueReader values;
  private final transient ContentMemory memory;
  private final boolean guarded;

  KvServlet(
      ShardRouter router,
      LongPoll polls,
      Problems problems,
      ContentMemory memory,
      ApiProperties properties) {
    this.router = router;
    this.polls = polls;
    this.problems = problems;
    this.values = new ValueReader(properties.limits().valueSize());
    this.memory = memory;
    this.guarded = properties.requirePreconditions();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Key key = null;
    try (Share share = memory.share()) {
      key = key(request);
      switch (request.getMethod()) {
        case "GET", "HEAD" -> read(request, response, key, share);
        case "PUT" -> put(request, response, key, share);
        case "PATCH" -> touch(request, response, key);
        case "DELETE" -> delete(request, response, key);
        case "OPTIONS" -> METHODS.tell(response);
        default -> throw METHODS.refuse(request, response);
      }
    } catch (IOException e) {
      // The client went away, or sent less than it said: there is nobody to answer.
      throw e;
    } catch (Exception e) {
      problems.write(request, response, e, key);
    }
  }

  /** Tomcat finds its way here also from paths such as {@code //kv/a}, which name no key. */
  private static Key key(HttpServletRequest request) {
    String path = request.getRequestURI();
    if (!path.startsWith(KeyCodec.PREFIX)) {
      throw new ApiException(Problem.NOT_FOUND, "The path of a key begins with /kv/.");
    }
    return KeyCodec.decode(path);
  }

  private void read(HttpServletRequest request, HttpServletResponse response, Key key, Share share)
      throws IOException {
    Query.refuseAll(request.getQueryString());
    Precondition precondition = Conditions.of(request);
    switch (execute(request, response, new Command.Get(key, precondition))) {
      case Outcome.Found(Entry entry) -> {
        share.need(entry.value().size());
        describe(response, entry);
        ExactContentType.set(request, response, entry.value().contentType());
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'");
        response.setContentLength(entry.value().size());
        if (request.getMethod().equals("GET")) {
          response.getOutputStream().write(entry.value().bytes());
        }
      }
      case Outcome.NotModified(Entry entry) -> {
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        describe(response, entry);
      }
      case Outcome other -> refuse(request, response, key, other);
    }
  }

  /** At once, or after the wait that a GET prefers. */
  private Outcome execute(
      HttpServletRequest request, HttpServletResponse response, Command.Get read) {
    Duration wait =
        request.getMethod().equals("GET") ? Prefer.wait(request.getHeaders("Prefer")) : null;
    if (wait == null) {
      return router.execute(read);
    }
    Outcome outcome = polls.read(read, wait);
    response.setHeader("Preference-Applied", "wait=" + wait.toSeconds());
    return outcome;
  }

  private void put(HttpServletRequest request, HttpServletResponse response, Key key, Share share)
      throws IOException {
    String ttl = Query.ttl(request.getQueryString());
    Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
    Precondition precondition = Conditions.of(request);
    Value value = values.read(request, share);
    switch (router.execute(new Command.Put(key, precondition, value, timeToLive, guarded))) {
      case Outcome.Created(Entry entry) ->
          acknowledge(response, HttpServletResponse.SC_CREATED, entry);
      case Outcome.Replaced(Entry entry) ->
          acknowledge(response, HttpServletResponse.SC_NO_CONTENT, entry);
      case Outcome other -> refuse(request, response, key, other);
    }
  }

  private void touch(HttpServletRequest request, HttpServletResponse response, Key key)
      throws IOException {
    String ttl = Query.ttl(request.getQueryString());
    if (ttl == null) {
      throw new ApiException(
          Problem.INVALID_TTL, "PATCH changes the expiry: give ?ttl=5m, or ?ttl=none.");
    }
    Duration timeToLive = ttl.equals("none") ? null : Ttl.parse(ttl);
    values.refuseContent(request);
    Precondition precondition = Conditions.of(request);
    switch (router.execute(new Command.Touch(key, precondition, timeToLive))) {
      case Outcome.Touched(Entry entry) ->
          acknowledge(response, HttpServletResponse.SC_NO_CONTENT, entry);
      case Outcome other -> refuse(request, response, key, other);
    }
  }

  private void delete(HttpServletRequest request, HttpServletResponse response, Key key)
      throws IOException {
    Query.refuseAll(request.getQueryString());
    Precondition precondition = Conditions.of(request);
    switch (router.execute(new Command.Delete(key, precondition))) {
      case Outcome.Deleted deleted -> response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      case Outcome other -> refuse(request, response, key, other);
    }
  }

  private void refuse(
      HttpServletRequest request, HttpServletResponse response, Key key, Outcome outcome)
      throws IOException {
    problems.write(request, response, Refusal.of(outcome, key));
  }

  /** What a client may know of an entry without its value. */
  private static void describe(HttpServletResponse response, Entry entry) {
    response.setHeader("ETag", Etag.of(entry.revision()));
    response.setHeader("Last-Modified", HttpDate.format(entry.modified()));
    response.setHeader("Cache-Control", "no-cache");
    announceExpiry(response, entry);
  }

  private static void acknowledge(HttpServletResponse response, int status, Entry entry) {
    response.setStatus(status);
    response.setHeader("ETag", Etag.of(entry.revision()));
    announceExpiry(response, entry);
  }

  private static void announceExpiry(HttpServletResponse response, Entry entry) {
    Instant expires = entry.expires();
    if (expires != null) {
      response.setHeader("Nebula-Expires", expires.toString());
    }
  }
}
