package dev.nebulastore.api.watch;

import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import dev.nebulastore.security.RequestCaller;
import dev.nebulastore.security.Role;
import dev.nebulastore.watch.EventId;
import dev.nebulastore.watch.Subscription;
import dev.nebulastore.watch.Subscription.Event;
import dev.nebulastore.watch.WatchHub;
import dev.nebulastore.watch.WatchTarget;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Streams changes at {@code /watch}, on the virtual thread of the request, which waits for changes
 * and for the client to read them. The stream ends at once when the client closes the connection. A
 * client whose network fails is noticed when a send fails.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(AllowedMethods.WATCH)
final class WatchController {

  private static final Logger log = LoggerFactory.getLogger(WatchController.class);
  private static final Set<String> PARAMETERS =
      Set.of("key", "prefix", "events", "values", "since");

  /** Which may be given several times. */
  private static final Set<String> REPEATED = Set.of("key", "prefix");

  /** How many keys and prefixes together. */
  private static final int MAX_TARGETS = 64;

  private static final String EVENTS = MediaType.TEXT_EVENT_STREAM_VALUE;
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final Gate gate;
  private final WatchHub hub;
  private final Duration heartbeat;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final RecentEvents recent = new RecentEvents();
  private final ClientTime time;

  WatchController(
      Gate gate,
      WatchHub hub,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      @Qualifier("watchHeartbeat") Duration heartbeat) {
    this.gate = gate;
    this.hub = hub;
    this.time = time;
    this.memory = memory;
    this.compute = compute;
    this.heartbeat = heartbeat;
  }

  /** Returns when the client goes away or the server stops. */
  @GetMapping
  void watch(HttpServletRequest request, HttpServletResponse response) {
    if (!request.getMethod().equals("GET")) {
      // Spring MVC would answer HEAD by this method, which would not end.
      throw AllowedMethods.OF_WATCH.refuse(request, response);
    }
    if (!acceptsEvents(Collections.list(request.getHeaders("Accept")))) {
      throw new ApiException(Problem.NOT_ACCEPTABLE, "Changes are available as " + EVENTS + ".");
    }
    Map<String, List<String>> query =
        QueryString.parse(request.getQueryString(), PARAMETERS, REPEATED);
    Caller caller = RequestCaller.of(request);
    WatchTarget interest = interest(query, caller);
    boolean values = QueryString.isTrue("values", first(query, "values"));
    EventId since = since(request, first(query, "since"));
    ClientConnection connection = ClientConnection.of(request);
    Peer peer = connection.peer();
    try (var _ = peer.usage().watch();
        Subscription changes = hub.open(interest, since);
        Share share = memory.share(peer)) {
      response.setContentType(EVENTS);
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      ClientPresence client = connection.presence();
      try {
        EventStream stream =
            new EventStream(
                peer.taking(response.getOutputStream()),
                values,
                recent,
                share,
                compute.slice(),
                time);
        stream(changes, stream, client, caller);
      } finally {
        client.tellNoMore();
      }
    } catch (AccessDenied e) {
      log.debug("A stream ends, since its token is not valid any more");
    } catch (IOException e) {
      log.debug("A client that watched has gone", e);
    }
  }

  /** Tells the allowed methods. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletResponse response) {
    AllowedMethods.OF_WATCH.tell(response);
  }

  /** Refuses any other method. */
  @RequestMapping
  @SuppressWarnings("DoNotCallSuggester")
  void refuse(HttpServletRequest request, HttpServletResponse response) {
    throw AllowedMethods.OF_WATCH.refuse(request, response);
  }

  /** Spring MVC would choose the method above for a client that accepts anything. */
  private static boolean acceptsEvents(List<String> accept) {
    try {
      List<MediaType> ranges = MediaType.parseMediaTypes(accept);
      return ranges.isEmpty()
          || ranges.stream()
              .anyMatch(range ->
                  range.includes(MediaType.TEXT_EVENT_STREAM) && range.getQualityValue() > 0);
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }

  /** Begins with an event or the position, so that the client knows at once that it watches. */
  private void stream(
      Subscription changes, EventStream stream, ClientPresence client, Caller caller)
      throws IOException {
    long checked = System.nanoTime();
    Event event = changes.next(Duration.ZERO);
    while (true) {
      switch (event) {
        case Event.Changed(EventId id, Change change) -> stream.change(id, change);
        case Event.Reset(EventId id) -> stream.reset(id);
        case Event.Nothing(EventId id) -> stream.position(id);
        case Event.Ended _ -> {
          return;
        }
      }
      event = changes.next(Duration.ZERO);
      if (event instanceof Event.Nothing) {
        stream.flush();
        event = await(changes, client);
      }
      long now = System.nanoTime();
      if (now - checked >= heartbeat.toNanos()) {
        gate.requireCurrent(caller);
        checked = now;
      }
    }
  }

  private Event await(Subscription changes, ClientPresence client) {
    client.tellOnce(changes::returnEarly);
    Event event = changes.next(heartbeat);
    return event instanceof Event.Nothing(EventId id) && client.isGone()
        ? new Event.Ended(id)
        : event;
  }

  private static @Nullable String first(Map<String, List<String>> query, String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.getFirst();
  }

  private static WatchTarget interest(Map<String, List<String>> query, Caller caller) {
    List<Key> keys = query.getOrDefault("key", List.of()).stream().map(Key::of).toList();
    List<String> prefixes = query.getOrDefault("prefix", List.of());
    int targets = keys.size() + prefixes.size();
    if (targets == 0) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "Specify what to watch: \"key\" or \"prefix\".");
    }
    if (targets > MAX_TARGETS) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "A watch has at most %d keys and prefixes, not %d.".formatted(MAX_TARGETS, targets));
    }
    keys.forEach(key -> caller.require(Role.READ, key));
    prefixes.forEach(prefix -> caller.requirePrefix(Role.READ, prefix));
    WatchTarget target = WatchTarget.of(keys, prefixes);
    String events = first(query, "events");
    return events == null ? target : target.only(kinds(events));
  }

  private static Set<Change.Kind> kinds(String events) {
    Set<Change.Kind> kinds = EnumSet.noneOf(Change.Kind.class);
    for (String event : events.split(",", -1)) {
      kinds.add(
          Stream.of(Change.Kind.values())
              .filter(kind -> EventStream.nameOf(kind).equals(event))
              .findAny()
              .orElseThrow(() ->
                  new ApiException(
                      Problem.INVALID_PARAMETER,
                      "The parameter \"events\" is a list of put, touch, delete and expire,"
                          + " separated by commas.")));
    }
    return kinds;
  }

  /**
   * The header has precedence: a client that reconnects repeats the query unchanged. An empty one
   * is that of a client that has seen no event.
   */
  private static @Nullable EventId since(HttpServletRequest request, @Nullable String parameter) {
    Enumeration<String> headers = request.getHeaders(LAST_EVENT_ID);
    if (headers.hasMoreElements()) {
      String last = headers.nextElement();
      if (!last.isBlank() || headers.hasMoreElements()) {
        return EventId.parse(last)
            .filter(_ -> !headers.hasMoreElements())
            .orElseThrow(() ->
                new ApiException(Problem.INVALID_REQUEST, LAST_EVENT_ID + " is not an event id."));
      }
    }
    return parameter == null
        ? null
        : EventId.parse(parameter)
            .orElseThrow(() ->
                new ApiException(
                    Problem.INVALID_PARAMETER, "The parameter \"since\" is not an event id."));
  }
}
