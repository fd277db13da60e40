package dev.nebulastore.http;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's endpoint, which accepts connections, with a {@link ConnectionLimit}: a new connection
 * beyond the limit takes the place of the one that has been idle for the longest time.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>No request is cut off that was begun. Tomcat serves a connection under its lock, and a
 *       connection of Tomcat's is evicted under that lock, if there is no request on it. An event
 *       loop claims an idle connection before it reads from it, and an eviction claims it in the
 *       same word ({@link FastConnection#claim}), so that one of the two comes too late.
 *   <li>An eviction never reads, since what is read has to be served. It asks the system whether
 *       bytes wait to be read, and leaves such a connection alone. Bytes that come in the
 *       microseconds after that are lost with the connection, unseen. It does not ask where a head
 *       is incomplete: whoever keeps sending a little would always be spared.
 *   <li>A connection that finds no room is accepted all the same, so that its first request can be
 *       told so.
 * </ol>
 *
 * <p>Threads: set up before it starts; safe for all then.
 */
final class BoundedEndpoint extends ResilientEndpoint
    implements ConnectionLimit.Connections<SocketWrapperBase<NioChannel>> {

  private static final Logger log = LoggerFactory.getLogger(BoundedEndpoint.class);

  /** From the time by which Tomcat stamps what it reads to that of {@link System#nanoTime}. */
  private final long nanosFromMillis =
      System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(InstantSource.system().millis());

  private final Set<SocketChannel> withoutRoom = ConcurrentHashMap.newKeySet();
  private @Nullable ConnectionLimit<SocketWrapperBase<NioChannel>> limit;
  private @Nullable Admission admission;
  private @Nullable FastPath fastPath;

  /** Says how many connections may be open. */
  void limitBy(Admission by) {
    admission = by;
    limit = new ConnectionLimit<>(by.maxConnections(), this, by::evictSlowSender, System::nanoTime);
  }

  /** Says which connections may belong to event loops. */
  void serveBy(FastPath fast) {
    fastPath = fast;
  }

  private ConnectionLimit<SocketWrapperBase<NioChannel>> limit() {
    return Objects.requireNonNull(limit);
  }

  /** By the acceptor. The connection is not among the others yet, and not evicted for itself. */
  @Override
  protected boolean setSocketOptions(SocketChannel accepted) {
    if (!makeRoom()) {
      withoutRoom.removeIf(earlier -> !earlier.isOpen());
      withoutRoom.add(accepted);
    }
    return super.setSocketOptions(accepted);
  }

  /** Whatever fails here, the connection that was accepted must not be left behind. */
  private boolean makeRoom() {
    try {
      return limit().makeRoom(1);
    } catch (RuntimeException | Error e) {
      log.error("No room could be made for a new connection", e);
      return true;
    }
  }

  /** Whether the limit has room for a connection, on which a request has come. */
  boolean hasRoom(SocketWrapperBase<?> connection) {
    if (withoutRoom.isEmpty()
        || !(connection.getSocket() instanceof NioChannel channel)
        || !withoutRoom.contains(channel.getIOChannel())) {
      return true;
    }
    boolean room = limit().makeRoom(0);
    if (room) {
      withoutRoom.remove(channel.getIOChannel());
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
    return fastPath == null ? null : fastPath.inLoop(connection);
  }

  /** Tomcat gives a connection a processor when the first byte of a request has come. */
  private long idleWithTomcatSince(SocketWrapperBase<NioChannel> connection) {
    if (connection.isClosed() || !(connection instanceof NioSocketWrapper nio)) {
      return ConnectionLimit.BUSY;
    }
    long last = Math.max(nio.getLastRead(), nio.getLastWrite());
    long since = TimeUnit.MILLISECONDS.toNanos(last) + nanosFromMillis;
    if (!(connection.getCurrentProcessor() instanceof Processor processor)) {
      return since;
    }
    if (processor.isAsync() || processor.isUpgrade()) {
      return ConnectionLimit.BUSY;
    }
    // No thread serves it: the head is incomplete.
    long began = processor.getRequest().getStartTimeNanos();
    return began < 0 ? since : began;
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

  /** Whether something has come, or Tomcat does not wait for it yet. */
  private static boolean isToBeRead(SocketWrapperBase<NioChannel> connection) {
    SocketChannel channel = connection.getSocket().getIOChannel();
    try {
      return channel != null
          && (!channel.isRegistered() || channel.socket().getInputStream().available() > 0);
    } catch (IOException e) {
      // Its client has closed it.
      return false;
    }
  }
}
