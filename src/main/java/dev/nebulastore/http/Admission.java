package dev.nebulastore.http;

import dev.nebulastore.http.ReservedHead.Kind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in, as many at a time as there is memory for.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="9">A connection between two requests takes little. From the first byte of a request
 *                 to the last of its answer it takes ten times as much, so these are counted, and
 *                 one too many is refused. Of connections, see {@link ConnectionLimit}.
 *   <li>Whoever sends a request bit by bit gives way: before one is refused, the oldest that waits
 *       for more from its client is given up. And a head has a time to end.
 *   <li>A few places are reserved for probes and scrapes ({@link ReservedHead}). One of them is
 *       taken only while there is no other, and only when all of the request has come.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class Admission {

  private enum State {
    SERVED,
    /** Its client has sent a part of it. */
    INCOMPLETE,
    GIVEN_UP
  }

  /** For probes and scrapes, beside the places of all others. */
  static final int RESERVED = 8;

  /** Of these, for scrapes, whose answers may be taken slowly. */
  static final int RESERVED_FOR_SCRAPES = 4;

  /** One request in flight: served ⇄ incomplete ──another needs the place──▶ given up. */
  static final class AdmissionPermit {
    private final long number;
    private final Runnable giveUp;
    private final List<AtomicInteger> countedIn;
    private final AtomicReference<State> state = new AtomicReference<>(State.SERVED);

    private AdmissionPermit(long number, Runnable giveUp, List<AtomicInteger> countedIn) {
      this.number = number;
      this.giveUp = giveUp;
      this.countedIn = countedIn;
    }

    /** More of the request has to come. */
    void isIncomplete() {
      state.compareAndSet(State.SERVED, State.INCOMPLETE);
    }

    /**
     * More of it has come.
     *
     * @return false if it was given up meanwhile
     */
    boolean goesOn() {
      return state.compareAndSet(State.INCOMPLETE, State.SERVED) || state.get() == State.SERVED;
    }
  }

  private final int maxRequests;
  private final int maxConnections;
  private final Duration headTimeout;
  private final LongSupplier nanoTime;
  private final AtomicInteger requests = new AtomicInteger();
  private final List<AtomicInteger> countedIn = List.of(requests);
  private final AtomicInteger reserved = new AtomicInteger();
  private final AtomicInteger scrapes = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();
  private final AtomicLong fast = new AtomicLong();
  private final AtomicLong admitted = new AtomicLong();
  private final Set<AdmissionPermit> inHand = ConcurrentHashMap.newKeySet();

  /**
   * Nobody is in.
   *
   * @param maxRequests how many may be in flight at a time
   * @param maxConnections how many connections may be open
   * @param headTimeout how long the head of a request may take to come; none if it is not positive,
   *     as Tomcat means it
   * @param nanoTime the clock by which heads begin
   */
  public Admission(
      int maxRequests, int maxConnections, Duration headTimeout, LongSupplier nanoTime) {
    this.maxRequests = maxRequests;
    this.maxConnections = maxConnections;
    this.headTimeout = headTimeout;
    this.nanoTime = nanoTime;
  }

  /** How many requests are in flight. */
  public int requests() {
    return requests.get();
  }

  /** How many may be in flight at a time. */
  public int maxRequests() {
    return maxRequests;
  }

  /** How many connections may be open. */
  public int maxConnections() {
    return maxConnections;
  }

  /** How many requests took the fast path. */
  public long fast() {
    return fast.get();
  }

  /** How many requests were refused. */
  public long refused() {
    return refused.get();
  }

  /** How many idle connections were closed for new ones. */
  public long evicted() {
    return evicted.get();
  }

  /** An idle connection was closed for a new one. */
  void countEviction() {
    evicted.incrementAndGet();
  }

  /**
   * A request has begun to come.
   *
   * @param giveUp ends it from any thread, without waiting
   * @return null if there is no room for it
   */
  @Nullable AdmissionPermit enter(Runnable giveUp) {
    return enter(giveUp, true);
  }

  /**
   * A request has come that {@link #enter} had no room for, and that may have a reserved place.
   *
   * @return null if these are taken, too
   */
  @Nullable AdmissionPermit enterReserved(Kind kind) {
    boolean scrape = kind == Kind.SCRAPE;
    AdmissionPermit permit =
        new AdmissionPermit(0, () -> {}, scrape ? List.of(reserved, scrapes) : List.of(reserved));
    if (reserved.incrementAndGet() > RESERVED) {
      reserved.decrementAndGet();
      return null;
    }
    if (scrape && scrapes.incrementAndGet() > RESERVED_FOR_SCRAPES) {
      scrapes.decrementAndGet();
      reserved.decrementAndGet();
      return null;
    }
    return permit;
  }

  /** A request was refused: there was no place of any kind for it. */
  void refuse() {
    refused.incrementAndGet();
  }

  /**
   * A request has begun to come that takes the fast path, if it is let in.
   *
   * @param giveUp ends it from any thread, without waiting
   * @return null if there is no room for it; it has to {@link #enter} then
   */
  @Nullable AdmissionPermit enterFast(Runnable giveUp) {
    AdmissionPermit permit = enter(giveUp, false);
    if (permit != null) {
      fast.incrementAndGet();
    }
    return permit;
  }

  /** Whatever it throws, as for want of memory: the place is not lost. */
  private @Nullable AdmissionPermit enter(Runnable giveUp, boolean evicting) {
    AdmissionPermit entered = null;
    int taken = requests.incrementAndGet();
    try {
      if (taken <= maxRequests || (evicting && evictSlowSender())) {
        AdmissionPermit permit = new AdmissionPermit(admitted.incrementAndGet(), giveUp, countedIn);
        inHand.add(permit);
        entered = permit;
      }
      return entered;
    } finally {
      if (entered == null) {
        requests.decrementAndGet();
      }
    }
  }

  /** Whether a head that is incomplete, and began to come then, may still come to its end. */
  boolean hasTime(long began) {
    return !headTimeout.isPositive() || nanoTime.getAsLong() - began <= headTimeout.toNanos();
  }

  /** The answer is sent, or the connection closed. */
  void leave(AdmissionPermit permit) {
    inHand.remove(permit);
    permit.countedIn.forEach(AtomicInteger::decrementAndGet);
  }

  /**
   * Closes the connection that has waited longest for the rest of its request.
   *
   * @return false if none waits
   */
  boolean evictSlowSender() {
    while (true) {
      Optional<AdmissionPermit> oldest =
          inHand.stream()
              .filter(permit -> permit.state.get() == State.INCOMPLETE)
              .min(Comparator.comparingLong(permit -> permit.number));
      if (oldest.isEmpty()) {
        return false;
      }
      // It may have come to its end just now, or have given way to another.
      if (oldest.get().state.compareAndSet(State.INCOMPLETE, State.GIVEN_UP)) {
        oldest.get().giveUp.run();
        return true;
      }
    }
  }
}
