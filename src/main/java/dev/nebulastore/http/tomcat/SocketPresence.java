package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ClientPresence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tells by Tomcat's socket whether a client is still connected.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Pipelined bytes are read into the buffer of the connection, where Tomcat finds them when it
 *       reads the next request. When that buffer is full, or holds anything on an encrypted
 *       connection, nothing more is read, and the client counts as connected.
 * </ol>
 *
 * <p>Threads: confined to the thread of its request, which alone may read the connection.
 */
final class SocketPresence implements ClientPresence {

  private final SocketWrapperBase<?> connection;
  private final ClientPoller poller;
  private final AtomicBoolean toBeTold = new AtomicBoolean();

  SocketPresence(SocketWrapperBase<?> connection, ClientPoller poller) {
    this.connection = connection;
    this.poller = poller;
  }

  @Override
  public boolean isGone() {
    try {
      return connection.isClosed() || (canLook(connection) && hasEnded(connection));
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void tellOnce(Runnable told) {
    if (toBeTold.get()) {
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

  @Override
  public void tellNoMore() {
    SocketChannel channel = channel();
    if (channel != null && toBeTold.getAndSet(false)) {
      poller.tellNoMore(channel);
    }
  }

  /** Null if the connection is closed. */
  private @Nullable SocketChannel channel() {
    return connection.getSocket() instanceof NioChannel channel ? channel.getIOChannel() : null;
  }

  /** Whether the buffer has room for more bytes. */
  private static boolean canLook(SocketWrapperBase<?> connection) {
    SocketBufferHandler buffers = connection.getSocketBufferHandler();
    // With less room than a TLS record may need, Tomcat's channel would loop forever.
    if (connection.getSocket() instanceof SecureNioChannel) {
      return buffers.isReadBufferEmpty();
    }
    buffers.configureReadBufferForWrite();
    return buffers.getReadBuffer().hasRemaining();
  }

  private static boolean hasEnded(SocketWrapperBase<?> connection) throws IOException {
    if (connection.getSocket() instanceof SecureNioChannel) {
      // Throws if the client has gone.
      var _ = connection.isReadyForRead();
      return false;
    }
    // New bytes go behind those in the buffer, which is in write mode.
    ByteBuffer room = connection.getSocketBufferHandler().getReadBuffer();
    return !(connection.getSocket() instanceof NioChannel channel) || channel.read(room) < 0;
  }
}
