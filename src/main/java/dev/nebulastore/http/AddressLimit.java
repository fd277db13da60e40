package dev.nebulastore.http;

import java.net.InetAddress;
import java.nio.channels.Channel;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many connections one address has open. A connection has no caller before its first
 * request, so its address counts, as in {@link CallerLimits}.
 *
 * <p>Connections that were closed are removed when they are in the way, so that closing one costs
 * nothing.
 *
 * <p>Threads: safe for all.
 */
public final class AddressLimit {

  /** What becomes of a new connection. */
  public enum Verdict {
    /** It is served. */
    SERVED,
    /** Its first request is refused, with an answer. */
    REFUSED,
    /** It is closed at once, since too many wait for their answer. */
    CLOSED
  }

  /** How many connections beyond the limit are accepted, to be refused with an answer. */
  static final int TO_BE_REFUSED = 16;

  /** How many addresses are kept before those without connections are looked for. */
  private static final int KEPT = 1_024;

  private final int max;
  private final Map<Object, Set<Channel>> connections = new ConcurrentHashMap<>();
  private int sweepAt = KEPT;

  /**
   * Creates a limit.
   *
   * @param max how many connections an address may have open; 0 for no limit
   */
  public AddressLimit(int max) {
    this.max = max;
  }

  /** How many connections an address may have open; 0 for no limit. */
  public int max() {
    return max;
  }

  /** Counts a new connection. One thread accepts connections. */
  public Verdict open(Channel connection, @Nullable InetAddress address) {
    if (max == 0) {
      return Verdict.SERVED;
    }
    forgetClosed();
    Set<Channel> open =
        connections.computeIfAbsent(CallerLimits.network(address), _ -> new HashSet<>());
    synchronized (open) {
      int others = count(open);
      if (others >= max + TO_BE_REFUSED) {
        return Verdict.CLOSED;
      }
      open.add(connection);
      return others < max ? Verdict.SERVED : Verdict.REFUSED;
    }
  }

  /** Whether an address has no more connections open than it may have. */
  public boolean hasRoom(@Nullable InetAddress address) {
    Set<Channel> open = connections.get(CallerLimits.network(address));
    if (open == null) {
      return true;
    }
    synchronized (open) {
      return count(open) <= max;
    }
  }

  private int count(Set<Channel> open) {
    if (open.size() >= max) {
      open.removeIf(connection -> !connection.isOpen());
    }
    return open.size();
  }

  /** By the thread that accepts connections, so that no set is used that was removed. */
  private void forgetClosed() {
    if (connections.size() >= sweepAt) {
      connections
          .values()
          .removeIf(open -> {
            synchronized (open) {
              open.removeIf(connection -> !connection.isOpen());
              return open.isEmpty();
            }
          });
      sweepAt = Math.max(KEPT, 2 * connections.size());
    }
  }

  /** How many addresses are kept. */
  int addresses() {
    return connections.size();
  }
}
