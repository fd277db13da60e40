package dev.nebulastore.http;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * Checks a {@link TimeSlice} before each request: while the next one of a connection has been read
 * already, Tomcat serves one after the other and waits for nothing. And tells of requests of
 * HTTP/0.9.
 *
 * <p>Threads: immutable; a slice is confined to its connection's.
 */
final class SlicedAdapter implements Adapter {

  /** Where Tomcat's request keeps the slice; Tomcat itself has the first. */
  private static final int NOTE = 16;

  /** As Tomcat tells it. */
  private static final String HTTP_0_9 = "";

  private final Adapter adapter;

  SlicedAdapter(Adapter adapter) {
    this.adapter = adapter;
  }

  /** Has this slice checked before each request that is served now. */
  static void use(TimeSlice slice, Request request) {
    request.setNote(NOTE, slice);
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    if (request.getNote(NOTE) instanceof TimeSlice slice) {
      slice.check();
    }
    lookAtVersion(request);
    adapter.service(request, response);
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

  @Override
  public void log(Request request, Response response, long time) {
    lookAtVersion(request);
    adapter.log(request, response, time);
  }

  private static void lookAtVersion(Request request) {
    if (request.protocol().equals(HTTP_0_9)
        && request.getInputBuffer() instanceof AdmittedProcessor.Body body) {
      body.isWithoutVersion();
    }
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    adapter.checkRecycled(request, response);
  }

  /**
   * None, so that Tomcat registers no MBean: else each new processor would be one, made under a
   * lock that all new requests need.
   */
  @Override
  public @Nullable String getDomain() {
    return null;
  }
}
