package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.fast.FastConnection;
import dev.nebulastore.http.fast.FastHandler;
import dev.nebulastore.http.fast.FastPath;
import dev.nebulastore.http.fast.FastPathHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import org.apache.tomcat.util.http.FastHttpDateFormat;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an event loop or Tomcat serves a request.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A connection belongs to Tomcat or to an event loop. Tomcat notices that bytes have arrived.
 *       If they are a plain request, an event loop adopts the connection, and Tomcat does not wait
 *       for it any more. If the loop then reads something that is not plain, Tomcat gets the
 *       connection back with all bytes, so that everything rare or slow is in one place.
 *   <li>Accepting, counting and closing connections, and the limit of requests in flight, are the
 *       same for both.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class FastPathHandler implements Handler<NioChannel>, FastPathHost {

  private final Handler<NioChannel> tomcat;
  private final BoundedEndpoint endpoint;
  private final FastPath loops;
  private final Map<SocketWrapperBase<NioChannel>, FastConnection> connections =
      new ConcurrentHashMap<>();

  /** Creates a handler that takes the place of Tomcat's own at an endpoint. */
  FastPathHandler(BoundedEndpoint endpoint, FastHandler service, Admission admission) {
    this.endpoint = endpoint;
    this.tomcat = endpoint.getHandler();
    this.loops = new FastPath(this, service, admission);
  }

  FastPath loops() {
    return loops;
  }

  /** False where Tomcat closes connections itself. */
  @Override
  public boolean isOpen() {
    return endpoint.getMaxKeepAliveRequests() < 0
        && !endpoint.isPaused()
        && !endpoint.isSSLEnabled();
  }

  @Override
  public int keepAliveTimeout() {
    return endpoint.getKeepAliveTimeout();
  }

  @Override
  public int connectionTimeout() {
    return endpoint.getConnectionTimeout();
  }

  @Override
  public boolean isHost(byte[] host) {
    return HostHeader.isValid(host);
  }

  @Override
  public String date() {
    return FastHttpDateFormat.getCurrentDate();
  }

  @Override
  public SocketState process(SocketWrapperBase<NioChannel> wrapper, SocketEvent event) {
    boolean begins = event == SocketEvent.OPEN_READ && wrapper.getCurrentProcessor() == null;
    try {
      return begins
              && isOpen()
              && endpoint.isWithinAddress(wrapper)
              && endpoint.hasRoom(wrapper)
              && adopt(wrapper)
          ? SocketState.OPEN
          : tomcat.process(wrapper, event);
    } catch (Error e) {
      // Tomcat would leave the connection open and never serve it again.
      wrapper.close();
      throw e;
    }
  }

  /** Gives the connection to an event loop if a plain request has arrived. */
  private boolean adopt(SocketWrapperBase<NioChannel> wrapper) {
    ByteBuffer come = ByteBuffer.allocate(ConnectionLimit.READ_BUFFER);
    try {
      if (wrapper.read(false, come) <= 0) {
        return false;
      }
    } catch (IOException e) {
      // Tomcat meets the same failure.
      return false;
    }
    come.flip();
    boolean plain = loops.isPlain(come.array(), come.limit());
    wrapper.unRead(come);
    if (plain) {
      connections
          .computeIfAbsent(wrapper, unknown -> loops.connect(new Socket(unknown)))
          .goesToLoop();
      if (wrapper.isClosed()) {
        // The release may have preceded the entry.
        connections.remove(wrapper);
      }
    }
    return plain;
  }

  /** The connection if an event loop has it; may change unless the connection's lock is held. */
  @Nullable FastConnection inLoop(SocketWrapperBase<NioChannel> wrapper) {
    FastConnection connection = connections.get(wrapper);
    return connection == null || connection.isWithTomcat() ? null : connection;
  }

  /**
   * A connection of Tomcat's as an event loop sees it.
   *
   * <p>Threads: reading and giving back are confined to the event loop's; the rest is safe for all.
   */
  private final class Socket implements FastConnection.Transport {
    private final SocketWrapperBase<NioChannel> wrapper;

    Socket(SocketWrapperBase<NioChannel> wrapper) {
      this.wrapper = wrapper;
    }

    @Override
    public SocketChannel channel() {
      return wrapper.getSocket().getIOChannel();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int length = wrapper.read(false, target);
      UsedBuffers.wipeRead(wrapper);
      return length;
    }

    @Override
    public boolean isClosed() {
      return wrapper.isClosed();
    }

    @Override
    public void close() {
      wrapper.close();
    }

    @Override
    public void giveBack(FastConnection connection, ByteBuffer unread) {
      wrapper.unRead(unread);
      if (wrapper instanceof NioSocketWrapper nio) {
        nio.updateLastRead();
      }
      endpoint.getExecutor().execute(() -> serveByTomcat(connection));
    }

    private void serveByTomcat(FastConnection connection) {
      Lock lock = wrapper.getLock();
      lock.lock();
      try {
        connection.goesToTomcat();
        if (!wrapper.isClosed()
            && tomcat.process(wrapper, SocketEvent.OPEN_READ) == SocketState.CLOSED) {
          wrapper.close();
        }
      } catch (RuntimeException | Error e) {
        wrapper.close();
        throw e;
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void release(SocketWrapperBase<NioChannel> wrapper) {
    tomcat.release(wrapper);
    FastConnection closed = connections.remove(wrapper);
    if (closed != null) {
      closed.run();
    }
  }

  @Override
  public @Nullable Object getGlobal() {
    return tomcat.getGlobal();
  }

  @Override
  public void pause() {
    tomcat.pause();
  }

  @Override
  public void recycle() {
    tomcat.recycle();
  }
}
