package dev.nebulastore.api;

import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import dev.nebulastore.watch.EventId;
import dev.nebulastore.watch.Subscription;
import dev.nebulastore.watch.Subscription.Event;
import dev.nebulastore.watch.WatchHub;
import dev.nebulastore.watch.WatchTarget;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Streams changes at {@code /watch}, on the request's own virtual thread: it waits for changes, and
 * for the client to take them. The stream ends at once when the client closes the connection; a
 * client that vanishes without a word is seen when something can't be sent to it.
 *
 * <p>Threads: immutable.
 */
@RestController
final class WatchController {

  private static final Logger log = LoggerFactory.getLogger(WatchController.class);
  private static final Set<String> PARAMETERS = Set.of("key", "prefix", "values", "since");
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  private final WatchHub hub;
  private final Duration heartbeat;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final RecentEvents recent = new RecentEvents();
  private final ClientTime time;

  WatchController(
      WatchHub hub,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      WatchStreamProperties properties) {
    this.hub = hub;
    this.time = time;
    this.memory = memory;
    this.compute = compute;
    this.heartbeat = properties.heartbeat();
  }

  /** Answers when the client goes away, or the server stops. */
  @GetMapping(path = "/watch", produces = "text/event-stream")
  void watch(HttpServletRequest request, HttpServletResponse response)
      throws HttpRequestMethodNotSupportedException {
    if (!request.getMethod().equals("GET")) {
      // Spring MVC would answer HEAD with a GET, which here has no end.
      throw new HttpRequestMethodNotSupportedException(request.getMethod(), List.of("GET"));
    }
    Map<String, String> query = QueryString.parse(request.getQueryString(), PARAMETERS);
    WatchTarget interest = interest(query);
    boolean values = values(query.get("values"));
    EventId since = since(request, query.get("since"));
    Peer peer = ExactContentType.peer(request);
    try (Subscription changes = hub.open(interest, since);
        Share share = memory.share(peer)) {
      response.setContentType("text/event-stream");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      ClientPresence client = ClientPresence.of(ExactContentType.tomcat(request));
      try {
        EventStream stream =
            new EventStream(
                peer.taking(response.getOutputStream()),
                values,
                recent,
                share,
                compute.slice(),
                time);
        stream(changes, stream, client);
      } finally {
        client.tellNoMore();
      }
    } catch (IOException e) {
      log.debug("A client that watched has gone", e);
    }
  }

  /** First comes an event, or else the position: a client knows at once that it watches. */
  private void stream(Subscription changes, EventStream stream, ClientPresence client)
      throws IOException {
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
    }
  }

  private Event await(Subscription changes, ClientPresence client) {
    client.tellOnce(changes::returnEarly);
    Event event = changes.next(heartbeat);
    return event instanceof Event.Nothing(EventId id) && client.isGone()
        ? new Event.Ended(id)
        : event;
  }

  private static WatchTarget interest(Map<String, String> query) {
    String key = query.get("key");
    String prefix = query.get("prefix");
    if (key != null && prefix == null) {
      return WatchTarget.inKey(Key.of(key));
    }
    if (prefix != null && key == null) {
      return WatchTarget.inPrefix(prefix);
    }
    throw new ApiException(
        Problem.INVALID_PARAMETER, "Give one of \"key\" and \"prefix\", and not both.");
  }

  private static boolean values(@Nullable String text) {
    return switch (text) {
      case null -> false;
      case "false" -> false;
      case "true" -> true;
      default ->
          throw new ApiException(
              Problem.INVALID_PARAMETER, "The parameter \"values\" is true or false.");
    };
  }

  /** The header is newer than the address, which a client sends again as it was. */
  private static @Nullable EventId since(HttpServletRequest request, @Nullable String parameter) {
    Enumeration<String> headers = request.getHeaders(LAST_EVENT_ID);
    if (headers.hasMoreElements()) {
      return EventId.parse(headers.nextElement())
          .filter(_ -> !headers.hasMoreElements())
          .orElseThrow(() ->
              new ApiException(Problem.INVALID_REQUEST, LAST_EVENT_ID + " is no id of an event."));
    }
    return parameter == null
        ? null
        : EventId.parse(parameter)
            .orElseThrow(() ->
                new ApiException(
                    Problem.INVALID_PARAMETER, "The parameter \"since\" is no id of an event."));
  }
}
