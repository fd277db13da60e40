package dev.nebulastore.api;

import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.Command;
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

  private static final AllowedMethods METHODS = new AllowedMethods("A key", ALLOW);

  private final transient ShardRouter router;
  private final transient LongPoll polls;
  private final transient Problems problems;
  private final transient ResponseWriter outcomes;
  private final transient ValueReader values;
  private final transient ContentMemory memory;
  private final transient ComputeThreads compute;
  private final boolean guarded;

  KvServlet(
      ShardRouter router,
      LongPoll polls,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      ApiProperties properties) {
    this.router = router;
    this.polls = polls;
    this.problems = problems;
    this.outcomes = new ResponseWriter(problems, time);
    this.values = new ValueReader(properties.limits().valueSize());
    this.memory = memory;
    this.compute = compute;
    this.guarded = properties.requirePreconditions();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Key key = null;
    try (Share share = memory.share(ExactContentType.peer(request))) {
      key = key(request);
      switch (request.getMethod()) {
        case "GET", "HEAD" -> read(request, response, key, share);
        case "PUT" -> put(request, response, key, share);
        case "PATCH" -> touch(request, response, key, share);
        case "DELETE" -> delete(request, response, key, share);
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
    QueryString.refuseAll(request.getQueryString());
    Precondition precondition = Conditions.of(request);
    Command.Get get = new Command.Get(key, precondition);
    Outcome outcome = execute(request, response, get, new ShareBudget(share));
    answer(request, response, key, share, outcome);
  }

  /** At once, or after the wait that a GET prefers. */
  private Outcome execute(
      HttpServletRequest request,
      HttpServletResponse response,
      Command.Get read,
      ShareBudget budget) {
    Duration wait =
        request.getMethod().equals("GET") ? PreferHeader.wait(request.getHeaders("Prefer")) : null;
    if (wait == null) {
      return router.execute(read, budget);
    }
    ClientPresence client = ClientPresence.of(ExactContentType.tomcat(request));
    Outcome outcome = polls.read(read, wait, budget, client);
    response.setHeader("Preference-Applied", "wait=" + wait.toSeconds());
    return outcome;
  }

  private void put(HttpServletRequest request, HttpServletResponse response, Key key, Share share)
      throws IOException {
    String ttl = QueryString.ttl(request.getQueryString());
    Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
    Precondition precondition = Conditions.of(request);
    Value value = values.read(request, share, compute.slice());
    Command put = new Command.Put(key, precondition, value, timeToLive, guarded);
    answer(request, response, key, share, router.execute(put));
  }

  private void touch(HttpServletRequest request, HttpServletResponse response, Key key, Share share)
      throws IOException {
    String ttl = QueryString.ttl(request.getQueryString());
    if (ttl == null) {
      throw new ApiException(
          Problem.INVALID_TTL, "PATCH changes the expiry: give ?ttl=5m, or ?ttl=none.");
    }
    Duration timeToLive = ttl.equals("none") ? null : Ttl.parse(ttl);
    values.refuseContent(request);
    Precondition precondition = Conditions.of(request);
    Command touch = new Command.Touch(key, precondition, timeToLive);
    answer(request, response, key, share, router.execute(touch, new ShareBudget(share)));
  }

  private void delete(
      HttpServletRequest request, HttpServletResponse response, Key key, Share share)
      throws IOException {
    QueryString.refuseAll(request.getQueryString());
    Precondition precondition = Conditions.of(request);
    answer(request, response, key, share, router.execute(new Command.Delete(key, precondition)));
  }

  private void answer(
      HttpServletRequest request,
      HttpServletResponse response,
      Key key,
      Share share,
      Outcome outcome)
      throws IOException {
    ServletReply reply = new ServletReply(request, response);
    outcomes.write(reply, key, outcome, share, request.getRequestURI());
  }
}
