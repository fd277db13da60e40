package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.ReservedHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.coyote.Adapter;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the streams of one connection of HTTP/2, with an {@link Admission} before each.
 *
 * <p>Threads: safe for all; each stream is served by a thread of its own.
 */
final class AdmittedStreams implements Adapter {

  private static final Logger log = LoggerFactory.getLogger(AdmittedStreams.class);

  /** The detail for a head that Tomcat refuses; it knows nothing more. */
  static final String MALFORMED =
      "The method, the target, the authority or a header is not valid in HTTP/2."
          + " A host with an underscore is accepted over HTTP/1.1.";

  private final Adapter adapter;
  private final SocketWrapperBase<?> connection;
  private final boolean withinLimit;
  private final StreamLimit limit;
  private final Admission admission;
  private final BoundedEndpoint endpoint;
  private final PreparedAnswers answers;
  private final ReservedHead reserved;
  private final AtomicInteger served = new AtomicInteger();
  private final Map<String, StreamLimit.Place> begun = new ConcurrentHashMap<>();
  private final Map<String, AdmittedStream> streams = new ConcurrentHashMap<>();

  /**
   * Creates the adapter of a connection.
   *
   * @param adapter serves requests
   * @param withinLimit whether there was room for the connection among those of HTTP/2
   * @param limit limits the streams of all connections
   * @param endpoint knows which connections are beyond a limit
   * @param answers the complete answers to requests beyond a limit
   * @param reserved recognises requests with reserved permits
   */
  AdmittedStreams(
      Adapter adapter,
      SocketWrapperBase<?> connection,
      boolean withinLimit,
      StreamLimit limit,
      Admission admission,
      BoundedEndpoint endpoint,
      PreparedAnswers answers,
      ReservedHead reserved) {
    this.adapter = adapter;
    this.connection = connection;
    this.withinLimit = withinLimit;
    this.limit = limit;
    this.admission = admission;
    this.endpoint = endpoint;
    this.answers = answers;
    this.reserved = reserved;
  }

  /** How many streams are being served. */
  int served() {
    return served.get();
  }

  /** A head has arrived. Returns false if there are too many streams to serve it. */
  boolean begin(int id, boolean withBody) {
    StreamLimit.Place place = limit.begin(withBody);
    if (place == null) {
      admission.refuse();
      return false;
    }
    begun.put(Integer.toString(id), place);
    return true;
  }

  /** Whether the body of a stream is to be kept until it is read. */
  boolean takesBody(int id) {
    StreamLimit.Place place = begun.get(Integer.toString(id));
    return place == null || place.takesBody();
  }

  /** A stream that was begun is not served. */
  void dropped(int id) {
    drop(Integer.toString(id));
  }

  private void drop(String id) {
    StreamLimit.Place place = begun.remove(id);
    if (place != null) {
      place.end();
    }
  }

  /** The client has reset a stream. */
  void gone(int id) {
    StreamLimit.Place place = begun.get(Integer.toString(id));
    if (place != null) {
      place.isReset();
    }
    AdmittedStream stream = streams.get(Integer.toString(id));
    if (stream != null) {
      stream.isGoneNow();
    }
  }

  /** The connection has ended. */
  void allGone() {
    streams.values().forEach(AdmittedStream::isGoneNow);
    begun.values().forEach(StreamLimit.Place::endUnserved);
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    String id = request.getProtocolRequestId();
    StreamLimit.Place place = begun.get(id);
    if (place == null || !place.serve()) {
      // Its connection has ended.
      return;
    }
    served.incrementAndGet();
    try {
      if (!endpoint.isWithinAddress(connection)) {
        refuse(request, response, answers.ofAddress());
      } else if (place.takesBody()) {
        admit(request, response, place);
      } else {
        refuse(request, response, answers.streams());
      }
    } finally {
      served.decrementAndGet();
      drop(id);
    }
  }

  private void admit(Request request, Response response, StreamLimit.Place place) throws Exception {
    boolean room = withinLimit && endpoint.hasRoom(connection);
    AdmittedStream stream = new AdmittedStream(response, connection);
    AdmissionPermit permit = enter(request, stream, room);
    if (permit == null) {
      refuse(request, response, room ? answers.requests() : answers.connections());
      return;
    }
    try {
      serve(request, response, stream, permit, place);
    } finally {
      admission.leave(permit);
    }
  }

  private @Nullable AdmissionPermit enter(Request request, AdmittedStream stream, boolean room) {
    AdmissionPermit permit = room ? admission.enter(stream::giveUp) : null;
    if (permit == null) {
      ReservedHead.Kind kind =
          reserved.kindOf(request.getMethod(), request.requestURI().toString());
      permit = kind == null ? null : admission.enterReserved(kind);
    }
    return permit == null && room ? admission.enterLate(stream::giveUp) : permit;
  }

  private void serve(
      Request request,
      Response response,
      AdmittedStream stream,
      AdmissionPermit permit,
      StreamLimit.Place place)
      throws Exception {
    InputBuffer body = request.getInputBuffer();
    AdmittedInput input = new AdmittedInput(body);
    input.begin(permit, stream, new Peer(stream::giveUp));
    String id = request.getProtocolRequestId();
    try {
      streams.put(id, stream);
      if (place.wasReset()) {
        stream.isGoneNow();
      }
      request.setInputBuffer(input);
      stream.begin();
      adapter.service(request, response);
    } finally {
      stream.end();
      request.setInputBuffer(body);
      streams.remove(id);
    }
  }

  private void refuse(Request request, Response response, byte[] answer) throws IOException {
    admission.refuse();
    send(answer, request, response);
  }

  /** Sends a complete answer of HTTP/1.1 as that of a stream. */
  private static void send(byte[] answer, Request request, Response response) throws IOException {
    String text = new String(answer, ISO_8859_1);
    int body = text.indexOf("\r\n\r\n") + 4;
    int status = text.indexOf(' ') + 1;
    response.setStatus(Integer.parseInt(text, status, text.indexOf(' ', status), 10));
    text.substring(text.indexOf("\r\n") + 2, body - 4)
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(':');
          String value = line.substring(colon + 1).strip();
          switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "connection", "date" -> {}
            case "content-length" -> response.setContentLength(Long.parseLong(value));
            default ->
                response.getMimeHeaders().setValue(line.substring(0, colon)).setString(value);
          }
        });
    if (!request.getMethod().equals("HEAD")) {
      response.doWrite(ByteBuffer.wrap(answer, body, answer.length - body));
    }
  }

  @Override
  public boolean prepare(Request request, Response response) throws Exception {
    return adapter.prepare(request, response);
  }

  @Override
  public boolean asyncDispatch(Request request, Response response, SocketEvent status)
      throws Exception {
    return adapter.asyncDispatch(request, response, status);
  }

  /** Called for a request whose head Tomcat refuses. It would send only the status. */
  @Override
  public void log(Request request, Response response, long time) {
    try {
      send(answers.malformed(), request, response);
    } catch (IOException e) {
      log.debug("A malformed head could not be answered", e);
    } finally {
      drop(request.getProtocolRequestId());
    }
    adapter.log(request, response, time);
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    adapter.checkRecycled(request, response);
  }

  @Override
  public @Nullable String getDomain() {
    return adapter.getDomain();
  }
}
