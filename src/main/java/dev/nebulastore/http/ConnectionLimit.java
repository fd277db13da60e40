package dev.nebulastore.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Keeps the number of open connections within its limit: for each new connection beyond it, the
 * connection is evicted that has been idle for the longest time.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A connection is idle while no request on it has been begun: between two requests, before
 *       the first, in a TLS handshake, or while the head of a request is incomplete. In the last
 *       case it is idle since that head began to arrive, so that bytes that trickle in make it no
 *       younger. A connection whose request is being served is never evicted here.
 *   <li>Requests pay nothing for it. Each connection knows since when it is idle, and nobody keeps
 *       an order of them. When room is needed, one look at all connections finds the eighth that
 *       has been idle for the longest time, and those are evicted one by one, each if it has been
 *       idle ever since. That is the exact order, since whatever became idle later is younger.
 *   <li>When no connection is idle, the slowest sender of a body is evicted. When there is none
 *       either, there is no room.
 * </ol>
 *
 * <p>Threads: safe for all. One thread at a time makes room; none waits for a connection meanwhile.
 *
 * @param <C> a connection
 */
public final class ConnectionLimit<C> {

  /** The size in bytes of the read buffer that each connection keeps. Larger bodies bypass it. */
  public static final int READ_BUFFER = 1 << 10;

  /** How many connections beyond the limit are accepted, to be refused with an answer. */
  public static final int TO_BE_REFUSED = 256;

  /** Stands for a connection that is not idle. */
  public static final long BUSY = Long.MAX_VALUE;

  /** The open connections. */
  public interface Connections<C> {
    /** How many there are. */
    int open();

    /** All of them, perhaps without those that come or go at this moment. */
    Iterable<C> all();

    /** By {@link System#nanoTime}, or {@link #BUSY}. */
    long idleSince(C connection);

    /**
     * Closes a connection before it returns, unless the connection has been used since then or
     * bytes have arrived on it.
     *
     * @return whether it is closed
     */
    boolean evict(C connection, long idleSince);
  }

  private record Idle<C>(C connection, long since) {}

  private static final int MIN_FOUND = 16;

  /** All that were found may have become busy, so the number of looks is limited. */
  private static final int MAX_LOOKS = 3;

  /** After a look that found nothing, the pause in nanoseconds for each open connection. */
  private static final long REST_NANOS = 1_000;

  private final int max;
  private final Connections<C> connections;
  private final BooleanSupplier evictSlowSender;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private final Queue<Idle<C>> longestIdle = new ArrayDeque<>();
  private long restUntil;

  /**
   * Creates a limit.
   *
   * @param max how many connections may be open
   * @param evictSlowSender closes the connection that has waited longest for the rest of its
   *     request, or returns false
   */
  public ConnectionLimit(
      int max, Connections<C> connections, BooleanSupplier evictSlowSender, LongSupplier nanoTime) {
    this.max = max;
    this.connections = connections;
    this.evictSlowSender = evictSlowSender;
    this.nanoTime = nanoTime;
    this.restUntil = nanoTime.getAsLong();
  }

  /**
   * Evicts as many connections as exceed the limit.
   *
   * @param arriving how many are about to be opened
   * @return whether the limit is kept now
   */
  public boolean makeRoom(int arriving) {
    if (connections.open() + arriving <= max) {
      return true;
    }
    lock.lock();
    try {
      int excess = connections.open() + arriving - max;
      while (excess > 0 && (evictLongestIdle() || evictSlowSender.getAsBoolean())) {
        excess--;
      }
      return excess <= 0;
    } finally {
      lock.unlock();
    }
  }

  private boolean evictLongestIdle() {
    int looks = 0;
    while (true) {
      for (Idle<C> next = longestIdle.poll(); next != null; next = longestIdle.poll()) {
        if (connections.idleSince(next.connection()) == next.since()
            && connections.evict(next.connection(), next.since())) {
          return true;
        }
      }
      if (looks == MAX_LOOKS || !look()) {
        return false;
      }
      looks++;
    }
  }

  /** Whether any idle connections were found. */
  private boolean look() {
    long now = nanoTime.getAsLong();
    if (restUntil - now > 0) {
      return false;
    }
    long all = 0;
    List<Idle<C>> idle = new ArrayList<>();
    for (C connection : connections.all()) {
      all++;
      long since = connections.idleSince(connection);
      if (since != BUSY) {
        idle.add(new Idle<>(connection, since));
      }
    }
    idle.sort(Comparator.comparingLong(each -> each.since() - now));
    longestIdle.addAll(
        idle.subList(0, Math.min(idle.size(), Math.max(MIN_FOUND, idle.size() / 8))));
    if (idle.isEmpty()) {
      restUntil = now + all * REST_NANOS;
    }
    return !idle.isEmpty();
  }
}
