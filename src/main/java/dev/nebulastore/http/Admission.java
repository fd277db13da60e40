package dev.nebulastore.http;

import dev.nebulastore.http.ReservedHead.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
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
 *       for more from its client is given up, and leaves its place to it. But it takes a while
 *       until it has left, and its memory with it: if many have not yet, the new one waits until
 *       the one whose place it has is gone. Each waits for its own: a queue of virtual threads
 *       would move on by one each time that all that is ready to run has run. While some leave and
 *       nobody else can be given up, a few may wait for whatever becomes free. And a head has a
 *       time to end.
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
    GIVEN_UP,
    /** Given up, and its place belongs to the one that needed it. */
    INHERITED,
    LEFT
  }

  /** For probes and scrapes, beside the places of all others. */
  static final int RESERVED = 8;

  /** Of these, for scrapes, whose answers may be taken slowly. */
  static final int RESERVED_FOR_SCRAPES = 4;

  /** For each so many requests one may have been given up and not left yet, before others wait. */
  private static final int LEAVING_SHARE = 4;

  /** For each so many requests one may wait for whatever becomes free. */
  private static final int WAITING_SHARE = 2;

  private static final long NANOS_BETWEEN_LOOKS = 50_000_000;

  /** How long it takes at most until a request that was given up has left. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * One request in flight: served ⇄ incomplete ──another needs the place──▶ given up or inherited;
   * from any: ──{@link #leave}──▶ left.
   */
  static final class AdmissionPermit {
    private final long number;
    private final Runnable giveUp;
    private final List<Semaphore> places;
    private final AtomicReference<State> state = new AtomicReference<>(State.SERVED);

    /** Who waits until it has left. */
    private volatile @Nullable Thread heir;

    private AdmissionPermit(long number, Runnable giveUp, List<Semaphore> places) {
      this.number = number;
      this.giveUp = giveUp;
      this.places = places;
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
  private final int maxLeaving;
  private final int maxWaiting;
  private final Semaphore places;
  private final List<Semaphore> onePlace;
  private final Semaphore reserved = new Semaphore(RESERVED);
  private final Semaphore scrapes = new Semaphore(RESERVED_FOR_SCRAPES);
  private final AtomicInteger leaving = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
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
    this.maxLeaving = maxRequests / LEAVING_SHARE;
    this.maxWaiting = maxRequests / WAITING_SHARE;
    this.places = new Semaphore(maxRequests);
    this.onePlace = List.of(places);
    this.maxConnections = maxConnections;
    this.headTimeout = headTimeout;
    this.nanoTime = nanoTime;
  }

  /** How many requests are in flight. */
  public int requests() {
    return maxRequests - places.availablePermits() + Math.max(0, leaving.get());
  }

  /** How many may be in flight at a time, beside some that were given up and leave. */
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
   * A request has begun to come. May wait for a place, up to twice ten seconds.
   *
   * @param giveUp ends it from any thread, without waiting
   * @return null if there is no room for it
   */
  @Nullable AdmissionPermit enter(Runnable giveUp) {
    return places.tryAcquire() || inherits() || findsOne() ? permit(giveUp) : null;
  }

  /**
   * A request has come that {@link #enter} had no room for, and that may have a reserved place.
   *
   * @return null if these are taken, too
   */
  @Nullable AdmissionPermit enterReserved(Kind kind) {
    if (!reserved.tryAcquire()) {
      return null;
    }
    if (kind == Kind.PROBE) {
      return new AdmissionPermit(0, () -> {}, List.of(reserved));
    }
    if (!scrapes.tryAcquire()) {
      reserved.release();
      return null;
    }
    return new AdmissionPermit(0, () -> {}, List.of(reserved, scrapes));
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
    if (!places.tryAcquire()) {
      return null;
    }
    AdmissionPermit permit = permit(giveUp);
    fast.incrementAndGet();
    return permit;
  }

  /** Whatever it throws, as for want of memory: the place that was taken is not lost. */
  private AdmissionPermit permit(Runnable giveUp) {
    AdmissionPermit entered = null;
    try {
      AdmissionPermit permit = new AdmissionPermit(admitted.incrementAndGet(), giveUp, onePlace);
      inHand.add(permit);
      entered = permit;
      return entered;
    } finally {
      if (entered == null) {
        places.release();
      }
    }
  }

  /** Waits for a place, unless nobody leaves, or many wait already. */
  private boolean findsOne() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    try {
      if (waiting.incrementAndGet() > maxWaiting) {
        return false;
      }
      while (leaving.get() > 0
          && until - System.nanoTime() > 0
          && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(this, NANOS_BETWEEN_LOOKS);
        if (places.tryAcquire() || inherits()) {
          return true;
        }
      }
      return false;
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Takes the place of the request that has waited longest for the rest of itself, if any. */
  private boolean inherits() {
    AdmissionPermit oldest = takeFromOldest(State.INHERITED);
    if (oldest == null) {
      return false;
    }
    boolean inherited = false;
    try {
      int all = leaving.incrementAndGet();
      oldest.giveUp.run();
      inherited = all <= maxLeaving || hasLeft(oldest);
      return inherited;
    } finally {
      if (!inherited) {
        places.release();
      }
    }
  }

  /** Waits until it has left, but not for ever. */
  private boolean hasLeft(AdmissionPermit permit) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    permit.heir = Thread.currentThread();
    while (permit.state.get() != State.LEFT) {
      long nanos = until - System.nanoTime();
      if (nanos <= 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(this, nanos);
    }
    return true;
  }

  /** Whether a head that is incomplete, and began to come then, may still come to its end. */
  boolean hasTime(long began) {
    return !headTimeout.isPositive() || nanoTime.getAsLong() - began <= headTimeout.toNanos();
  }

  /** The answer is sent, or the connection closed. */
  void leave(AdmissionPermit permit) {
    inHand.remove(permit);
    if (permit.state.getAndSet(State.LEFT) == State.INHERITED) {
      leaving.decrementAndGet();
      LockSupport.unpark(permit.heir);
    } else {
      permit.places.forEach(Semaphore::release);
    }
  }

  /**
   * Closes the connection that has waited longest for the rest of its request.
   *
   * @return false if none waits
   */
  boolean evictSlowSender() {
    AdmissionPermit oldest = takeFromOldest(State.GIVEN_UP);
    if (oldest == null) {
      return false;
    }
    oldest.giveUp.run();
    return true;
  }

  /** Ends the oldest that waits for more of itself, but for what closes it; null if none waits. */
  private @Nullable AdmissionPermit takeFromOldest(State end) {
    while (true) {
      AdmissionPermit oldest = null;
      for (AdmissionPermit permit : inHand) {
        if (permit.state.get() == State.INCOMPLETE
            && (oldest == null || permit.number < oldest.number)) {
          oldest = permit;
        }
      }
      if (oldest == null) {
        return null;
      }
      // It may have come to its end just now, or have given way to another.
      if (oldest.state.compareAndSet(State.INCOMPLETE, end)) {
        return oldest;
      }
    }
  }
}
