package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.fast.FastConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeToken;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's endpoint, which accepts connections, with a {@link ConnectionLimit}: the connection that
 * has been idle for the longest time is closed for a new one beyond the limit.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Eviction never cuts off a request that was begun. Tomcat serves a connection under its
 *       lock, and its connections are evicted under that lock, if there is no request on them. An
 *       event loop claims an idle connection before it reads from it, and an eviction claims the
 *       connection in the same way ({@link FastConnection#claim}), so that only one succeeds.
 *   <li>An eviction never reads, since what is read has to be served. It asks the operating system
 *       whether bytes have arrived, and spares such a connection. Bytes that arrive in the
 *       microseconds after that are lost with the connection. It does not ask where a head is
 *       incomplete, so that a client that keeps sending a little is not spared.
 *   <li>A connection beyond the limit is accepted all the same, so that its first request can be
 *       refused with an answer.
 * </ol>
 *
 * <p>Threads: set up before it starts; safe for all then.
 */
final class BoundedEndpoint extends ResilientEndpoint
    implements ConnectionLimit.Connections<SocketWrapperBase<NioChannel>> {

  private static final Logger log = LoggerFactory.getLogger(BoundedEndpoint.class);

  /** Converts the time of Tomcat's stamps to that of {@link System#nanoTime}. */
  private final long nanosFromMillis =
      System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(InstantSource.system().millis());

  private final Set<SocketChannel> withoutRoom = ConcurrentHashMap.newKeySet();
  private @Nullable ConnectionLimit<SocketWrapperBase<NioChannel>> limit;
  private @Nullable Admission admission;
  private AddressLimit addresses = new AddressLimit(0);
  private final Set<SocketChannel> beyondAddress = ConcurrentHashMap.newKeySet();
  private Function<SocketWrapperBase<NioChannel>, @Nullable FastConnection> loops = _ -> null;

  /** Sets the limits of all connections and of those of one address. */
  void limitBy(Admission by, AddressLimit byAddress) {
    admission = by;
    addresses = byAddress;
    limit = new ConnectionLimit<>(by.maxConnections(), this, by::evictSlowSender, System::nanoTime);
  }

  /** Sets how connections of event loops are found. */
  void findInLoops(Function<SocketWrapperBase<NioChannel>, @Nullable FastConnection> by) {
    loops = by;
  }

  private ConnectionLimit<SocketWrapperBase<NioChannel>> limit() {
    return Objects.requireNonNull(limit);
  }

  /** Called by the acceptor, before the new connection is among the open ones. */
  @Override
  protected boolean setSocketOptions(SocketChannel accepted) {
    switch (verdict(accepted)) {
      case SERVED -> {}
      case REFUSED -> mark(beyondAddress, accepted);
      case CLOSED -> {
        return false;
      }
    }
    if (!makeRoom()) {
      mark(withoutRoom, accepted);
    }
    return super.setSocketOptions(accepted);
  }

  /** If anything fails here, the accepted connection is served all the same. */
  private AddressLimit.Verdict verdict(SocketChannel accepted) {
    try {
      return addresses.open(accepted, address(accepted));
    } catch (RuntimeException | Error e) {
      log.error("The connections of an address could not be counted", e);
      return AddressLimit.Verdict.SERVED;
    }
  }

  private static @Nullable InetAddress address(SocketChannel channel) {
    return channel.socket().getInetAddress();
  }

  /** If anything fails here, the accepted connection is served all the same. */
  private boolean makeRoom() {
    try {
      return limit().makeRoom(1);
    } catch (RuntimeException | Error e) {
      log.error("No room could be made for a new connection", e);
      return true;
    }
  }

  private static void mark(Set<SocketChannel> marked, SocketChannel accepted) {
    marked.removeIf(earlier -> !earlier.isOpen());
    marked.add(accepted);
  }

  /** Whether a connection with a request is within the limit of its address. */
  boolean isWithinAddress(SocketWrapperBase<?> connection) {
    return isServed(connection, beyondAddress, channel -> addresses.hasRoom(address(channel)));
  }

  /** Whether a connection with a request is within the limit of all connections. */
  boolean hasRoom(SocketWrapperBase<?> connection) {
    return isServed(connection, withoutRoom, _ -> limit().makeRoom(0));
  }

  /** Whether a connection is not marked, or there is room for it by now. */
  private static boolean isServed(
      SocketWrapperBase<?> connection,
      Set<SocketChannel> marked,
      Predicate<SocketChannel> hasRoom) {
    if (marked.isEmpty()
        || !(connection.getSocket() instanceof NioChannel channel)
        || !marked.contains(channel.getIOChannel())) {
      return true;
    }
    boolean room = hasRoom.test(channel.getIOChannel());
    if (room) {
      marked.remove(channel.getIOChannel());
    }
    return room;
  }

  @Override
  public int open() {
    return connections.size();
  }

  @Override
  public Iterable<SocketWrapperBase<NioChannel>> all() {
    return connections.values();
  }

  @Override
  public long idleSince(SocketWrapperBase<NioChannel> connection) {
    FastConnection fast = inLoop(connection);
    if (fast != null) {
      return fast.idleSince();
    }
    return connection.getLock().isLocked() ? ConnectionLimit.BUSY : idleWithTomcatSince(connection);
  }

  private @Nullable FastConnection inLoop(SocketWrapperBase<NioChannel> connection) {
    return loops.apply(connection);
  }

  /** Tomcat assigns a processor to a connection when the first byte of a request arrives. */
  private long idleWithTomcatSince(SocketWrapperBase<NioChannel> connection) {
    if (connection.isClosed() || !(connection instanceof NioSocketWrapper nio)) {
      return ConnectionLimit.BUSY;
    }
    long last = Math.max(nio.getLastRead(), nio.getLastWrite());
    long since = TimeUnit.MILLISECONDS.toNanos(last) + nanosFromMillis;
    if (!(connection.getCurrentProcessor() instanceof Processor processor)) {
      return since;
    }
    if (processor.isUpgrade()) {
      return hasNoStream(processor, since) ? since : ConnectionLimit.BUSY;
    }
    if (processor.isAsync()) {
      return ConnectionLimit.BUSY;
    }
    // No thread serves the connection, so the head is incomplete.
    long began = processor.getRequest().getStartTimeNanos();
    return began < 0 ? since : began;
  }

  private static boolean hasNoStream(Processor processor, long since) {
    UpgradeToken token = processor.getUpgradeToken();
    return token != null
        && token.httpUpgradeHandler() instanceof SharedConnection shared
        && shared.isIdle(System.nanoTime() - since);
  }

  @Override
  public boolean evict(SocketWrapperBase<NioChannel> connection, long idleSince) {
    FastConnection fast = inLoop(connection);
    boolean evicted =
        fast == null
            ? evictFromTomcat(connection, idleSince)
            : !isToBeRead(connection) && fast.claim(idleSince) && close(connection);
    if (evicted) {
      Objects.requireNonNull(admission).countEviction();
    }
    return evicted;
  }

  private boolean evictFromTomcat(SocketWrapperBase<NioChannel> connection, long idleSince) {
    ReentrantLock lock = connection.getLock();
    if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
      return false;
    }
    try {
      return inLoop(connection) == null
          && idleWithTomcatSince(connection) == idleSince
          && (connection.getCurrentProcessor() != null || !isToBeRead(connection))
          && close(connection);
    } finally {
      lock.unlock();
    }
  }

  private static boolean close(SocketWrapperBase<NioChannel> connection) {
    connection.close();
    return true;
  }

  /** Whether bytes have arrived, or Tomcat does not wait for them yet. */
  private static boolean isToBeRead(SocketWrapperBase<NioChannel> connection) {
    SocketChannel channel = connection.getSocket().getIOChannel();
    try {
      return channel != null
          && (!channel.isRegistered() || channel.socket().getInputStream().available() > 0);
    } catch (IOException e) {
      // The client has closed the connection.
      return false;
    }
  }
}
