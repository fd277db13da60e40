package dev.nebulastore.http.tomcat;

import java.util.function.BiFunction;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/2, with an {@link dev.nebulastore.http.Admission} before each stream.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A stream is admitted by the thread that serves it, as soon as its head has arrived. So all
 *       streams that a connection may have are served at once: none waits without a permit.
 *   <li>Requests are not used again, since they would keep the headers of others, tokens among
 *       them.
 *   <li>Tomcat closes connections whose frames are mostly overhead. By its defaults, a single piece
 *       of a body below 1 KB, or a watch that its client resets, could end all streams of a new
 *       connection. Here pieces may be small, and streams may be reset as often as they are begun:
 *       the admission limits what they cost.
 *   <li>HTTP/1.1 is not upgraded (RFC 9113 has dropped it): the JDK's client would by default, and
 *       lose the fast path.
 * </ol>
 *
 * <p>Threads: set up before it starts.
 */
final class BoundedStreams extends Http2Protocol {

  /** Streams of one connection at a time. */
  static final int STREAMS = 100;

  /** Beginning a stream counts -20; a reset is counted when it arrives and when it is answered. */
  private static final int OVERHEAD_OF_RESET = 10;

  private final BiFunction<SocketWrapperBase<?>, Adapter, AdmittedStreams> admitted;

  /**
   * Creates a protocol.
   *
   * @param admitted makes the adapter of a new connection, which serves requests by another one
   */
  BoundedStreams(BiFunction<SocketWrapperBase<?>, Adapter, AdmittedStreams> admitted) {
    this.admitted = admitted;
    setMaxConcurrentStreams(STREAMS);
    setMaxConcurrentStreamExecution(STREAMS);
    setDiscardRequestsAndResponses(true);
    setUseSendfile(false);
    setOverheadResetFactor(OVERHEAD_OF_RESET);
    setOverheadDataThreshold(0);
  }

  /** Declines an upgrade of HTTP/1.1; the request is served as any other. */
  @Override
  public boolean accept(Request request) {
    return false;
  }

  @Override
  public InternalHttpUpgradeHandler getInternalUpgradeHandler(
      SocketWrapperBase<?> connection, Adapter adapter, @Nullable Request first) {
    return new StreamConnection(this, admitted.apply(connection, adapter), first, connection);
  }
}
