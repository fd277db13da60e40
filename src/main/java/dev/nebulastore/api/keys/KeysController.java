package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.answer.ProblemBoundary;
import dev.nebulastore.api.answer.Representation;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.PrefixChange.Kind;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.RequestCaller;
import dev.nebulastore.security.Role;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code /keys}: lists keys, in pages or as a stream of lines, and deletes all keys with a
 * prefix or changes when they expire.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(AllowedMethods.KEYS)
final class KeysController {

  private static final Logger log = LoggerFactory.getLogger(KeysController.class);
  private static final List<String> CONDITIONS =
      List.of("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since");
  private static final int DEFAULT_LIMIT = 100;

  /**
   * The most bytes of one step of a stream, counted in advance: a stream can't be refused later.
   */
  private static final int STREAM = 3 << 19;

  /** The bytes of one step of a change by prefix: the keys found, and their commands in flight. */
  private static final int CHANGE = 1 << 20;

  /** Proxies answer 502 to a long head; nginx reads 4 KB by default. */
  private static final int MAX_LINK = 2_048;

  /** A page ends after so many steps, even if it has few items. */
  private static final int MAX_STEPS = 2_000;

  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final Problems problems;
  private final ProblemBoundary boundary;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final ClientTime time;

  KeysController(
      Keyspace keyspace,
      RequestAudit audit,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    this.memory = memory;
    this.keyspace = keyspace;
    this.audit = audit;
    this.problems = problems;
    this.boundary =
        new ProblemBoundary(
            problems,
            AllowedMethods.OF_KEYS,
            "Keys are listed at " + AllowedMethods.KEYS + ".",
            failure ->
                log.warn(
                    "A listing was broken off: {}",
                    problems.refusal(failure, null).facts().detail()));
    this.compute = compute;
    this.time = time;
  }

  /** Lists keys; HEAD returns the headers alone. */
  @RequestMapping(method = {RequestMethod.GET, RequestMethod.HEAD})
  void list(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.serve(
        request,
        response,
        () -> {
          try (Share share = memory.share(ClientConnection.of(request).peer())) {
            list(request, response, share);
          }
        });
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

  /** Tells the allowed methods. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.options(request, response);
  }

  /** Refuses any other method. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.refuse(request, response);
  }

  private void list(HttpServletRequest request, HttpServletResponse response, Share share)
      throws IOException {
    ListingQuery selection = ListingQuery.of(request.getQueryString());
    Caller caller = RequestCaller.of(request);
    caller.requirePrefix(Role.READ, selection.prefix());
    Representation form = Representation.of(request.getHeaders("Accept"));
    Cursor cursors = new Cursor(keyspace.secret(), caller.id());
    String prefix = selection.prefix();
    String delimiter = selection.delimiter();
    String given = selection.cursor();
    byte[] from = given == null ? null : cursors.read(given, prefix, delimiter);
    Listing listing = new Listing(keyspace, prefix, delimiter, from);
    boolean head = request.getMethod().equals("HEAD");
    TimeSlice slice = compute.slice();
    if (form == Representation.LINES && selection.limit() == null) {
      stream(request, response, listing, share, head, slice);
      return;
    }
    int limit = selection.limit() == null ? DEFAULT_LIMIT : selection.limit();
    Page page = page(listing, limit, share);
    String next =
        page.position() == null ? null : cursors.write(prefix, delimiter, page.position());
    if (next != null) {
      String link = selection.linkTo(RawPath.prefix(request), next);
      // Lines have their cursor nowhere else.
      if (link.length() <= MAX_LINK || form == Representation.LINES) {
        response.setHeader("Link", link);
      }
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    ListingJson json = new ListingJson(slice, time);
    if (form == Representation.LINES) {
      json.lines(page.items(), body);
    } else {
      json.page(page.items(), next, body);
    }
    describe(response, form);
    response.setContentLength(body.size());
    if (!head) {
      body.writeTo(ClientConnection.of(request).peer().taking(response.getOutputStream()));
    }
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

  private static void describe(HttpServletResponse response, Representation form) {
    response.setContentType(form.contentType());
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Vary", "Accept");
  }

  /** Items of a listing, and the position of the next page, if any. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Page(List<Item> items, byte @Nullable [] position) {}

  /** Looks for one more item than wanted, to know whether there is a next page. */
  private static Page page(Listing listing, int limit, Share share) {
    List<Item> items = new ArrayList<>();
    long held = 0;
    for (int step = 0; step < MAX_STEPS && items.size() <= limit; step++) {
      List<Item> found = listing.next(limit + 1 - items.size());
      items.addAll(found);
      held += Listing.held(found);
      share.need(held);
      if (listing.position() == null) {
        break;
      }
    }
    if (items.size() <= limit) {
      return new Page(items, listing.position());
    }
    List<Item> shown = items.subList(0, limit);
    return new Page(shown, shown.getLast().behind());
  }

  /**
   * Sends all items as they are found. The first step runs before anything is sent, so that its
   * failure is a problem.
   */
  private void stream(
      HttpServletRequest request,
      HttpServletResponse response,
      Listing listing,
      Share share,
      boolean head,
      TimeSlice slice)
      throws IOException {
    share.need(STREAM);
    List<Item> items = listing.next(Listing.STEP);
    describe(response, Representation.LINES);
    if (head) {
      return;
    }
    OutputStream taken = ClientConnection.of(request).peer().taking(response.getOutputStream());
    OutputStream out = slice.over(taken);
    ListingJson json = new ListingJson(slice, time);
    while (true) {
      json.lines(items, out);
      if (listing.position() == null) {
        return;
      }
      // Fails if the client has gone, which ends the listing.
      out.flush();
      items = listing.next(Listing.STEP);
    }
  }
}
