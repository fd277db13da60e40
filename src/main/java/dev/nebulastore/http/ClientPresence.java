package dev.nebulastore.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Response;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Whether the client of a request is still there, for requests that wait or take long.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A client has gone when it has ended its side of the connection: it closed it, reset it, or
 *       sent TLS's {@code close_notify}. One that only ends its sending and goes on reading looks
 *       the same on the wire until something is sent to it, and counts as gone. Short requests
 *       never ask, so such a client gets their answers.
 *   <li>What a client pipelines behind its request is read into the buffer of the connection, where
 *       Tomcat finds it when it looks for the next request. When that buffer is full, or holds
 *       anything on an encrypted connection, nothing more is read, and the client counts as there.
 *   <li>A client that vanishes without a word, as one whose network fails, is there until something
 *       can't be sent to it. The same goes for all clients of HTTP/2, whose streams share a
 *       connection.
 * </ol>
 *
 * <p>Threads: confined to the thread of its request, which alone may read the connection, and not
 * to be kept longer than the request.
 */
public final class ClientPresence {

  /** Of a client whose connection can't be looked at. */
  public static final ClientPresence UNKNOWN = new ClientPresence(null, new ClientPoller());

  private final @Nullable SocketWrapperBase<?> connection;
  private final ClientPoller poller;
  private final AtomicBoolean toBeTold = new AtomicBoolean();

  ClientPresence(@Nullable SocketWrapperBase<?> connection, ClientPoller poller) {
    this.connection = connection;
    this.poller = poller;
  }

  /** That of the client to which this response goes. */
  public static ClientPresence of(Response response) {
    Request request = response.getRequest().getCoyoteRequest();
    return request.getInputBuffer() instanceof AdmittedProcessor.Body body
        ? body.client()
        : UNKNOWN;
  }

  /** Whether it has gone away. It takes a system call. */
  public boolean isGone() {
    if (connection == null) {
      return false;
    }
    try {
      return connection.isClosed() || (canLook(connection) && hasEnded(connection));
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Runs this once, from another thread, when it makes sense to ask {@link #isGone} again, unless
   * {@link #tellNoMore} comes first. It must not wait. Where nothing can be found out, it is never
   * run: whoever waits still needs a limit. While something is to be told already, this costs
   * nothing and changes nothing.
   */
  public void tellOnce(Runnable told) {
    if (toBeTold.get() || connection == null) {
      return;
    }
    SocketChannel channel = channel();
    if (channel != null && canLook(connection)) {
      toBeTold.set(true);
      poller.tellOnce(
          channel,
          () -> {
            toBeTold.set(false);
            told.run();
          });
    }
  }

  /** Has nothing told any more; what is being told at this moment still may be. */
  public void tellNoMore() {
    SocketChannel channel = channel();
    if (channel != null && toBeTold.getAndSet(false)) {
      poller.tellNoMore(channel);
    }
  }

  /** Null if it is closed. */
  private @Nullable SocketChannel channel() {
    return connection != null && connection.getSocket() instanceof NioChannel channel
        ? channel.getIOChannel()
        : null;
  }

  /** Whether there is room to read more than the client was known to have sent. */
  private static boolean canLook(SocketWrapperBase<?> connection) {
    SocketBufferHandler buffers = connection.getSocketBufferHandler();
    // With less room than a record of TLS may need, Tomcat's channel would try for ever.
    if (connection.getSocket() instanceof SecureNioChannel) {
      return buffers.isReadBufferEmpty();
    }
    buffers.configureReadBufferForWrite();
    return buffers.getReadBuffer().hasRemaining();
  }

  private static boolean hasEnded(SocketWrapperBase<?> connection) throws IOException {
    if (connection.getSocket() instanceof SecureNioChannel) {
      // Throws if it has.
      var _ = connection.isReadyForRead();
      return false;
    }
    // What is in the buffer stays before what is read: it was made ready for writing.
    ByteBuffer room = connection.getSocketBufferHandler().getReadBuffer();
    return !(connection.getSocket() instanceof NioChannel channel) || channel.read(room) < 0;
  }
}
