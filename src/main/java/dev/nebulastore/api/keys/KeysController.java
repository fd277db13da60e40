package dev.nebulastore.api.keys;

import dev.nebulastore.api.answer.ProblemBoundary;
import dev.nebulastore.api.answer.Representation;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code /keys}: lists keys or entries, in pages or as a stream of lines, and counts keys.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(AllowedMethods.KEYS)
final class KeysController {

  private static final Logger log = LoggerFactory.getLogger(KeysController.class);
  private static final int DEFAULT_LIMIT = 100;

  /**
   * The most bytes of one step of a stream, counted in advance: a stream can't be refused later.
   */
  private static final int STREAM = 3 << 19;

  /** The bytes of one step of a count. */
  private static final int SCAN = 1 << 20;

  /** Proxies answer 502 to a long head; nginx reads 4 KB by default. */
  private static final int MAX_LINK = 2_048;

  /** A page with values ends after so many bytes of them, or after the largest value. */
  private static final DataSize PAGE_VALUES = DataSize.ofMegabytes(1);

  private final Keyspace keyspace;
  private final ProblemBoundary boundary;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final ClientTime time;
  private final long maxValues;

  KeysController(
      Keyspace keyspace,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      RequestLimits limits) {
    this.memory = memory;
    this.keyspace = keyspace;
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
    this.maxValues = Math.max(PAGE_VALUES.toBytes(), limits.valueSize().toBytes());
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
    ListingQuery query = ListingQuery.of(request.getQueryString());
    Caller caller = RequestCaller.of(request);
    caller.requirePrefix(Role.READ, query.prefix());
    Cursor cursors = new Cursor(keyspace.secret(), caller.id());
    String given = query.cursor();
    byte[] from = given == null ? null : cursors.read(given, query.prefix(), query.delimiter());
    if (query.count()) {
      Representation.requireJson(request.getHeaders("Accept"));
      count(request, response, query, cursors, from, share);
    } else {
      Representation form = Representation.of(request.getHeaders("Accept"));
      list(request, response, query, form, cursors, from, share);
    }
  }

  private void list(
      HttpServletRequest request,
      HttpServletResponse response,
      ListingQuery query,
      Representation form,
      Cursor cursors,
      byte @Nullable [] from,
      Share share)
      throws IOException {
    if (form == Representation.LINES && query.values() && !query.delimiter().isEmpty()) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "Lines with values are operations, and a group of keys is none: omit the delimiter.");
    }
    Listing listing = new Listing(keyspace, query.prefix(), query.delimiter(), from);
    TimeSlice slice = compute.slice();
    if (form == Representation.LINES && query.limit() == null) {
      stream(request, response, query.values(), listing, share, slice);
      return;
    }
    Page page = Page.of(listing, query.limit() == null ? DEFAULT_LIMIT : query.limit(), share);
    if (query.values()) {
      page = new PageValues(page, keyspace, share, slice, maxValues).read();
    }
    String next = cursor(cursors, query, page.position());
    if (form == Representation.JSON) {
      PageTag tag = PageTag.of(page, next, keyspace.secret(), time);
      boolean known = tag.isIn(request.getHeaders("If-None-Match"));
      response.setHeader("ETag", tag.header());
      describe(response, "no-cache");
      if (known) {
        response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
        return;
      }
    } else {
      describe(response, "no-store");
    }
    response.setContentType(form.contentType());
    link(request, response, query, next, form);
    send(request, response, query.values(), page, next, form, slice);
  }

  /** Sends a page; one with values piece by piece, since as JSON it may be several times larger. */
  private void send(
      HttpServletRequest request,
      HttpServletResponse response,
      boolean values,
      Page page,
      @Nullable String next,
      Representation form,
      TimeSlice slice)
      throws IOException {
    boolean head = request.getMethod().equals("HEAD");
    if (values) {
      if (!head) {
        write(page, next, form, slice, slice.over(output(request, response)));
      }
      return;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    write(page, next, form, slice, body);
    response.setContentLength(body.size());
    if (!head) {
      body.writeTo(output(request, response));
    }
  }

  private void write(
      Page page, @Nullable String next, Representation form, TimeSlice slice, OutputStream out)
      throws IOException {
    ListingJson json = new ListingJson(slice, time);
    switch (form) {
      case JSON -> json.page(page.items(), next, out);
      case LINES -> json.lines(page.items(), out);
    }
  }

  private void count(
      HttpServletRequest request,
      HttpServletResponse response,
      ListingQuery query,
      Cursor cursors,
      byte @Nullable [] from,
      Share share)
      throws IOException {
    share.need(SCAN);
    ClientConnection connection = ClientConnection.of(request);
    KeyCount count = KeyCount.of(keyspace, query.prefix(), from, connection.presence()::isGone);
    if (count == null) {
      connection.abort(null);
      return;
    }
    String next = cursor(cursors, query, count.position());
    link(request, response, query, next, Representation.JSON);
    describe(response, "no-store");
    response.setContentType(Representation.JSON.contentType());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    new ListingJson(compute.slice(), time).count(count, next, body);
    response.setContentLength(body.size());
    if (!request.getMethod().equals("HEAD")) {
      body.writeTo(output(request, response));
    }
  }

  private static @Nullable String cursor(
      Cursor cursors, ListingQuery query, byte @Nullable [] position) {
    return position == null ? null : cursors.write(query.prefix(), query.delimiter(), position);
  }

  private static void link(
      HttpServletRequest request,
      HttpServletResponse response,
      ListingQuery query,
      @Nullable String next,
      Representation form) {
    if (next != null) {
      String link = query.linkTo(RawPath.prefix(request), next);
      // Lines have their cursor nowhere else.
      if (link.length() <= MAX_LINK || form == Representation.LINES) {
        response.setHeader("Link", link);
      }
    }
  }

  private static OutputStream output(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return ClientConnection.of(request).peer().taking(response.getOutputStream());
  }

  private static void describe(HttpServletResponse response, String cacheControl) {
    response.setHeader("Cache-Control", cacheControl);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Vary", "Accept");
  }

  /**
   * Sends all items as they are found. The first step runs before anything is sent, so that its
   * failure is a problem.
   */
  private void stream(
      HttpServletRequest request,
      HttpServletResponse response,
      boolean values,
      Listing listing,
      Share share,
      TimeSlice slice)
      throws IOException {
    share.need(STREAM);
    List<Item> items = listing.next(Listing.STEP);
    describe(response, "no-store");
    response.setContentType(Representation.LINES.contentType());
    if (request.getMethod().equals("HEAD")) {
      return;
    }
    OutputStream out = slice.over(output(request, response));
    ListingJson json = new ListingJson(slice, time);
    Peer peer = ClientConnection.of(request).peer();
    try (EntryLines entries =
        new EntryLines(keyspace, () -> memory.share(peer), json, out, slice)) {
      while (true) {
        if (values) {
          entries.add(items);
        } else {
          json.lines(items, out);
        }
        if (listing.position() == null) {
          entries.finish();
          return;
        }
        // Fails if the client has gone, which ends the listing.
        out.flush();
        items = listing.next(Listing.STEP);
      }
    }
  }
}
