package dev.nebulastore.http.tomcat;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Request;
import org.apache.coyote.http2.Http2AsyncUpgradeHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/2, which tells its streams that the client has reset them or has gone.
 *
 * <p>Threads: as Tomcat's own; {@link #isIdle} is safe for all.
 */
final class StreamConnection extends Http2AsyncUpgradeHandler implements SharedConnection {

  /** A stream that was begun is served, or has sent only a part of its head, after this time. */
  private static final long BEGUN = TimeUnit.SECONDS.toNanos(1);

  /** More than all streams that a connection may have. */
  private static final int TOO_MANY = 1 << 20;

  private final AdmittedStreams streams;
  private int newest;

  StreamConnection(
      Http2Protocol protocol,
      AdmittedStreams streams,
      @Nullable Request first,
      SocketWrapperBase<?> connection) {
    super(protocol, streams, first, connection);
    this.streams = streams;
  }

  @Override
  public boolean isIdle(long silence) {
    return streams.served() == 0 && (activeRemoteStreamCount.get() == 0 || silence > BEGUN);
  }

  /**
   * If there are too many streams on all connections, it is refused like one too many on this
   * connection: the client learns that nothing has been done and that it may try again.
   */
  @Override
  public void headersEnd(int streamId, boolean endOfStream) {
    boolean isTrailer = streamId <= newest;
    newest = Math.max(newest, streamId);
    boolean room = isTrailer || streams.begin(streamId, !endOfStream);
    activeRemoteStreamCount.addAndGet(room ? 0 : TOO_MANY);
    boolean done = false;
    try {
      super.headersEnd(streamId, endOfStream);
      done = true;
    } catch (Exception e) {
      StreamConnection.<RuntimeException>rethrow(e);
    } finally {
      activeRemoteStreamCount.addAndGet(room ? 0 : -TOO_MANY);
      if (!done && !isTrailer) {
        streams.dropped(streamId);
      }
    }
  }

  /** The body of a stream that will be refused is dropped. */
  @Override
  public @Nullable ByteBuffer startRequestBodyFrame(int streamId, int length, boolean endOfStream) {
    try {
      return streams.takesBody(streamId)
          ? super.startRequestBodyFrame(streamId, length, endOfStream)
          : null;
    } catch (Exception e) {
      throw StreamConnection.<RuntimeException>rethrow(e);
    }
  }

  /** Tomcat would miss the bytes of a body that was dropped. */
  @Override
  public void receivedEndOfStream(int streamId) {
    try {
      if (streams.takesBody(streamId)) {
        super.receivedEndOfStream(streamId);
      }
    } catch (Exception e) {
      StreamConnection.<RuntimeException>rethrow(e);
    }
  }

  @Override
  public void reset(int streamId, long errorCode) {
    try {
      super.reset(streamId, errorCode);
    } catch (Exception e) {
      StreamConnection.<RuntimeException>rethrow(e);
    }
    streams.gone(streamId);
  }

  @Override
  public void destroy() {
    super.destroy();
    streams.allGone();
  }

  /** Throws one of Tomcat's exceptions, whose types are not visible here. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> RuntimeException rethrow(Exception e) throws E {
    throw (E) e;
  }
}
