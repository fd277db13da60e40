package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ConnectionLimit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * The connections of HTTP/2, which take more memory than others, so that there may be fewer. The
 * one that has been idle for the longest time is closed for a new one.
 *
 * <p>Threads: safe for all.
 */
final class StreamedConnections
    implements ConnectionLimit.Connections<SocketWrapperBase<NioChannel>> {

  /** Of the heap: Tomcat keeps two buffers of 16 KB for each, in addition to those of TLS. */
  private static final long EACH = 256 << 10;

  private static final int MIN = 16;

  private final BoundedEndpoint all;
  private final ConnectionLimit<SocketWrapperBase<NioChannel>> limit;
  private final Set<SocketWrapperBase<NioChannel>> open = ConcurrentHashMap.newKeySet();

  /**
   * Creates an empty set.
   *
   * @param all all connections, these included
   * @param heap in bytes
   */
  StreamedConnections(BoundedEndpoint all, long heap) {
    this.all = all;
    this.limit =
        new ConnectionLimit<>(
            Math.clamp(heap / EACH, MIN, Integer.MAX_VALUE), this, () -> false, System::nanoTime);
  }

  /** Adds a connection, and returns whether there was room for it. */
  @SuppressWarnings("unchecked")
  boolean add(SocketWrapperBase<?> connection) {
    boolean room = limit.makeRoom(1);
    open.add((SocketWrapperBase<NioChannel>) connection);
    return room;
  }

  @Override
  public int open() {
    open.removeIf(SocketWrapperBase::isClosed);
    return open.size();
  }

  @Override
  public Iterable<SocketWrapperBase<NioChannel>> all() {
    return open;
  }

  @Override
  public long idleSince(SocketWrapperBase<NioChannel> connection) {
    return all.idleSince(connection);
  }

  @Override
  public boolean evict(SocketWrapperBase<NioChannel> connection, long idleSince) {
    return all.evict(connection, idleSince);
  }
}
