package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.TimeSlice;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * Checks a {@link TimeSlice} before each request, since Tomcat serves pipelined requests one after
 * the other without waiting. Also reports HTTP/0.9 requests to {@link AdmittedInput}.
 *
 * <p>Threads: immutable; a slice is confined to its connection's.
 */
final class SlicedAdapter implements Adapter {

  /** The note of Tomcat's request that holds the slice; Tomcat uses the first ones. */
  private static final int NOTE = 16;

  /** The protocol of an HTTP/0.9 request. */
  private static final String HTTP_0_9 = "";

  private final Adapter adapter;

  SlicedAdapter(Adapter adapter) {
    this.adapter = adapter;
  }

  /** Sets the slice of a request. */
  static void use(TimeSlice slice, Request request) {
    request.setNote(NOTE, slice);
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    lookAtVersion(request);
    if (request.getNote(NOTE) instanceof TimeSlice slice) {
      slice.check();
    }
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
        && request.getInputBuffer() instanceof AdmittedInput input) {
      input.isWithoutVersion();
    }
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    adapter.checkRecycled(request, response);
  }

  /**
   * Null, so that Tomcat registers no MBeans. Otherwise it would register each new processor, under
   * a lock that all new requests need.
   */
  @Override
  public @Nullable String getDomain() {
    return null;
  }
}
