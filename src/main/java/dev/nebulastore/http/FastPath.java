package dev.nebulastore.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * The way of plain requests past Tomcat: a few event loops read, begin and answer them, while
 * whatever else comes on a connection goes through Tomcat as ever.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A connection is Tomcat's or a loop's. Tomcat sees that something has come; if it is a plain
 *       request, a loop adopts the connection, and nobody waits for it in Tomcat any more. What the
 *       loop then reads and does not know goes back to Tomcat, byte by byte as it came, with the
 *       connection; so all that is strict, rare or slow is in one place.
 *   <li>Accepting, counting and closing connections, and the bound of requests in flight, are the
 *       same for both.
 * </ol>
 *
 * <p>Threads: safe for all; it is set up before it starts.
 */
final class FastPath implements Handler<NioChannel> {

  private static final Duration LAST_ANSWERS = Duration.ofSeconds(8);
  private static final long LOOK_NANOS = 1_000_000;

  private final Handler<NioChannel> tomcat;
  private final BoundedEndpoint endpoint;
  private final FastHandler service;
  private final List<EventLoop> loops = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final Map<SocketWrapperBase<NioChannel>, FastConnection> connections =
      new ConcurrentHashMap<>();

  /**
   * Before an endpoint, in place of Tomcat's own handler.
   *
   * @param late the answer to a request whose body does not come, as it is sent
   */
  FastPath(BoundedEndpoint endpoint, FastHandler service, Admission admission, byte[] late) {
    this.endpoint = endpoint;
    this.tomcat = endpoint.getHandler();
    this.service = service;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    for (int i = 0; i < count; i++) {
      loops.add(new EventLoop(this, service, admission, late));
    }
  }

  /** Begins to look for what comes. */
  void start() throws IOException {
    for (int i = 0; i < loops.size(); i++) {
      loops.get(i).start("fast-path-" + i, Selector.open());
    }
  }

  /** Looks no more; Tomcat has closed the connections. */
  void stop() {
    loops.forEach(EventLoop::stop);
  }

  /** Waits until nothing is in flight, for as long as a command may take by default, and more. */
  void awaitAnswers() {
    long until = System.nanoTime() + LAST_ANSWERS.toNanos();
    while (loops.stream().anyMatch(EventLoop::hasInHand) && System.nanoTime() < until) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  /** Whether requests may take this way now: not where Tomcat would close connections itself. */
  boolean isOpen() {
    return endpoint.getMaxKeepAliveRequests() < 0
        && !endpoint.isPaused()
        && !endpoint.isSSLEnabled();
  }

  /** How long a connection may be without a request, in ms; for ever if it is not positive. */
  int keepAliveTimeout() {
    return endpoint.getKeepAliveTimeout();
  }

  /** How long the rest of a request, or the taking of an answer, may take, in ms. */
  int connectionTimeout() {
    return endpoint.getConnectionTimeout();
  }

  @Override
  public SocketState process(SocketWrapperBase<NioChannel> wrapper, SocketEvent event) {
    boolean begins = event == SocketEvent.OPEN_READ && wrapper.getCurrentProcessor() == null;
    try {
      return begins && isOpen() && endpoint.hasRoom(wrapper) && adopt(wrapper)
          ? SocketState.OPEN
          : tomcat.process(wrapper, event);
    } catch (Error e) {
      // Tomcat would leave the connection open, and nobody would ever look at it again.
      wrapper.close();
      throw e;
    }
  }

  /** Gives the connection to a loop if a plain request has come. */
  private boolean adopt(SocketWrapperBase<NioChannel> wrapper) {
    ByteBuffer come = ByteBuffer.allocate(BoundedProtocol.READ_BUFFER);
    try {
      if (wrapper.read(false, come) <= 0) {
        return false;
      }
    } catch (IOException e) {
      // Tomcat finds the same.
      return false;
    }
    come.flip();
    FastRequestParser head = new FastRequestParser(service);
    boolean plain = head.read(come.array(), come.limit()) == FastRequestParser.Verdict.PLAIN;
    wrapper.unRead(come);
    if (plain) {
      FastConnection connection =
          connections.computeIfAbsent(wrapper, unknown -> new FastConnection(unknown, nextLoop()));
      connection.goesToLoop();
      connection.loop().adopt(connection);
      if (wrapper.isClosed()) {
        // Perhaps its release came before it was there to be released.
        connections.remove(wrapper);
      }
    }
    return plain;
  }

  /** The connection if a loop has it now, which may change unless its lock is held. */
  @Nullable FastConnection inLoop(SocketWrapperBase<NioChannel> wrapper) {
    FastConnection connection = connections.get(wrapper);
    return connection == null || connection.isWithTomcat() ? null : connection;
  }

  private EventLoop nextLoop() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  /** Has Tomcat serve what has come on a connection; by its loop, which has let go of it. */
  void giveBack(FastConnection connection, ByteBuffer unread) {
    SocketWrapperBase<NioChannel> wrapper = connection.wrapper();
    wrapper.unRead(unread);
    if (wrapper instanceof NioSocketWrapper nio) {
      nio.updateLastRead();
    }
    endpoint.getExecutor().execute(() -> serveByTomcat(connection));
  }

  private void serveByTomcat(FastConnection connection) {
    SocketWrapperBase<NioChannel> wrapper = connection.wrapper();
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
