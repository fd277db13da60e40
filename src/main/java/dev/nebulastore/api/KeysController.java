package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.Listing.Item;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.router.Keyspace;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code /keys}: lists keys, in pages or as a stream of lines, and deletes all that begin
 * with a prefix.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(KeysController.PATH)
final class KeysController {

  static final String PATH = "/keys";

  private static final Logger log = LoggerFactory.getLogger(KeysController.class);
  private static final List<String> CONDITIONS =
      List.of("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since");
  private static final int DEFAULT_LIMIT = 100;

  /** What a step of a stream holds at most: once it has begun it must not be refused. */
  private static final int STREAM = 3 << 19;

  /** What a step of a deletion holds: the keys that it found, and their commands under way. */
  private static final int DELETION = 1 << 20;

  /** A page that has looked so often ends, however little it has found. */
  private static final int MAX_STEPS = 2_000;

  private final Keyspace keyspace;
  private final Problems problems;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final ClientTime time;

  KeysController(
      Keyspace keyspace,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    this.memory = memory;
    this.keyspace = keyspace;
    this.problems = problems;
    this.compute = compute;
    this.time = time;
  }

  /** Lists keys; HEAD tells the headers alone. */
  @RequestMapping(method = {RequestMethod.GET, RequestMethod.HEAD})
  void list(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, share -> list(request, response, share));
  }

  /** Deletes all keys that begin with a prefix. */
  @DeleteMapping
  void delete(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, share -> delete(request, response, share));
  }

  /** Says which methods there are. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, _ -> AllowedMethods.OF_KEYS.tell(response));
  }

  /** Refuses any other method. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        _ -> {
          throw AllowedMethods.OF_KEYS.refuse(request, response);
        });
  }

  /** What is done for a request, and what it may take. */
  private interface Service {
    void serve(Share share) throws IOException;
  }

  private void serve(HttpServletRequest request, HttpServletResponse response, Service service)
      throws IOException {
    try (Share share = memory.share(ExactContentType.peer(request))) {
      if (!request.getRequestURI().equals(PATH)) {
        throw new ApiException(Problem.NOT_FOUND, "Keys are listed at " + PATH + ".");
      }
      service.serve(share);
    } catch (IOException e) {
      // The client went away: there is nobody to answer.
      throw e;
    } catch (PrefixDeletion.Incomplete e) {
      problems.write(request, response, e.refusal());
    } catch (Exception e) {
      refuse(request, response, e);
    }
  }

  /** A client that has been sent a part must not take it for the whole: it gets no end. */
  private void refuse(HttpServletRequest request, HttpServletResponse response, Exception failure)
      throws IOException {
    if (response.isCommitted()) {
      Refusal refusal = problems.refusal(failure, null);
      log.warn("A listing was broken off: {}", refusal.facts().detail());
      ExactContentType.tomcat(request).getCoyoteResponse().action(ActionCode.CLOSE_NOW, failure);
    } else {
      response.resetBuffer();
      problems.write(request, response, failure, null);
    }
  }

  private void list(HttpServletRequest request, HttpServletResponse response, Share share)
      throws IOException {
    ListingQuery selection = ListingQuery.of(request.getQueryString());
    Representation form = Representation.of(request.getHeaders("Accept"));
    Cursor cursors = new Cursor(keyspace.secret());
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
      response.setHeader("Link", selection.linkTo(next));
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
      body.writeTo(ExactContentType.peer(request).taking(response.getOutputStream()));
    }
  }

  private void delete(HttpServletRequest request, HttpServletResponse response, Share share)
      throws IOException {
    String prefix = ListingQuery.prefixToDelete(request.getQueryString());
    for (String condition : CONDITIONS) {
      if (request.getHeader(condition) != null) {
        throw new ApiException(
            Problem.INVALID_CONDITION, condition + " has no meaning for many keys at once.");
      }
    }
    share.need(DELETION);
    Response tomcat = ExactContentType.tomcat(request);
    ClientPresence client = ClientPresence.of(tomcat);
    OptionalLong deleted = new PrefixDeletion(keyspace, client::isGone).run(prefix);
    if (deleted.isEmpty()) {
      tomcat.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
      return;
    }
    byte[] body = "{\"deleted\":%d}".formatted(deleted.getAsLong()).getBytes(UTF_8);
    response.setContentType("application/json");
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static void describe(HttpServletResponse response, Representation form) {
    response.setContentType(form.contentType());
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Vary", "Accept");
  }

  /** Items of a listing, and where it goes on, if it does. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Page(List<Item> items, byte @Nullable [] position) {}

  /** Looks for one more than is wanted, to know whether there is more. */
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
   * Sends all items as they are found. The first are looked for before anything is sent, so that
   * what fails at once is a problem like any other.
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
    OutputStream taken = ExactContentType.peer(request).taking(response.getOutputStream());
    OutputStream out = slice.over(taken);
    ListingJson json = new ListingJson(slice, time);
    while (true) {
      json.lines(items, out);
      if (listing.position() == null) {
        return;
      }
      // Also tells whether the client is still there, which ends the listing if not.
      out.flush();
      items = listing.next(Listing.STEP);
    }
  }
}
