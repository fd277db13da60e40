package dev.nebulastore.http;

import dev.nebulastore.http.AdmissionPermit.State;
import dev.nebulastore.http.ReservedHead.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many requests are in flight at a time, by the memory that they take.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="9">An idle connection takes little memory. From the first byte of a request to the
 *                 last byte of its answer it takes ten times as much, so requests are counted, and
 *                 those beyond the limit are refused. {@link ConnectionLimit} limits connections.
 *   <li>Slow senders are evicted first: when no permit is free, the server closes the connection
 *       that has waited longest for the rest of its request, and the new request inherits its
 *       permit. The evicted request needs a moment to leave and to free its memory. If many are
 *       leaving at once, the new request waits until the one it has evicted is gone. Each waits for
 *       its own, since a queue of virtual threads would advance by one only each time that
 *       everything ready to run has run. The head of a request must arrive within a timeout.
 *   <li>A burst is not an overload: while requests are answered or leaving, some new ones may wait
 *       for any permit. If none is given back for a moment, they are refused.
 *   <li>A few permits are reserved for probes and scrapes ({@link ReservedHead}). They are used
 *       only when no other is free, and only for a request that has arrived as a whole.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class Admission {

  /** Permits for probes and scrapes, in addition to those of all others. */
  static final int RESERVED = 8;

  /** How many of these scrapes may hold: their clients may read slowly. */
  static final int RESERVED_FOR_SCRAPES = 4;

  /** One in so many requests may be evicted and still leaving before new ones wait. */
  private static final int LEAVING_SHARE = 4;

  /** One in so many requests may wait for any permit. */
  private static final int WAITING_SHARE = 2;

  private static final long NANOS_BETWEEN_LOOKS = 50_000_000;

  /** How long a new request waits for an evicted one to leave. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How long a new request waits for any permit while others are admitted, in nanoseconds. */
  static final long BURST = TimeUnit.SECONDS.toNanos(2);

  /** How long it waits while nobody is admitted. */
  static final long STANDSTILL = TimeUnit.MILLISECONDS.toNanos(500);

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
  private final Set<AdmissionPermit> inFlight = ConcurrentHashMap.newKeySet();

  /**
   * Creates an admission with no request in flight.
   *
   * @param maxRequests how many requests may be in flight at a time
   * @param maxConnections how many connections may be open
   * @param headTimeout how long the head of a request may take to arrive; unlimited if it is not
   *     positive, as in Tomcat's settings
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

  /** How many may be in flight at a time, not counting some that were evicted and are leaving. */
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

  /** Counts an idle connection that was closed for a new one. */
  public void countEviction() {
    evicted.incrementAndGet();
  }

  /**
   * Admits a request whose first bytes have arrived. May wait for the request that it evicts, for
   * up to 10 s.
   *
   * @param giveUp ends the request from any thread, without waiting
   * @return null if no permit is free and none can be evicted
   */
  public @Nullable AdmissionPermit enter(Runnable giveUp) {
    return places.tryAcquire() || inherits() ? permit(giveUp) : null;
  }

  /**
   * Admits a request after {@link #enter} has found no permit. Waits for one while others are
   * admitted or leaving, for up to 20 s.
   *
   * @param giveUp ends the request from any thread, without waiting
   * @return null if the request has to be refused
   */
  public @Nullable AdmissionPermit enterLate(Runnable giveUp) {
    return findsOne() ? permit(giveUp) : null;
  }

  /**
   * Admits a request by a reserved permit, after {@link #enter} has found none.
   *
   * @return null if the reserved permits are taken, too
   */
  public @Nullable AdmissionPermit enterReserved(Kind kind) {
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

  /** Counts a request that was refused. */
  public void refuse() {
    refused.incrementAndGet();
  }

  /**
   * Admits a request to the fast path. Never waits.
   *
   * @param giveUp ends the request from any thread, without waiting
   * @return null if no permit is free; the request has to {@link #enter} then
   */
  public @Nullable AdmissionPermit enterFast(Runnable giveUp) {
    if (!places.tryAcquire()) {
      return null;
    }
    AdmissionPermit permit = permit(giveUp);
    fast.incrementAndGet();
    return permit;
  }

  /** Whether a permit of the fast path is free at this moment. */
  public boolean hasFastPermit() {
    return places.availablePermits() > 0;
  }

  /** Releases the permit if anything fails, such as an allocation. */
  private AdmissionPermit permit(Runnable giveUp) {
    AdmissionPermit entered = null;
    try {
      AdmissionPermit permit = new AdmissionPermit(admitted.incrementAndGet(), giveUp, onePlace);
      inFlight.add(permit);
      entered = permit;
      return entered;
    } finally {
      if (entered == null) {
        places.release();
      }
    }
  }

  /** Waits for any permit, unless many wait already. */
  private boolean findsOne() {
    try {
      if (waiting.incrementAndGet() > maxWaiting) {
        return false;
      }
      long began = nanoTime.getAsLong();
      long moved = began;
      long seen = admitted.get();
      long now = began;
      while (!Thread.currentThread().isInterrupted()
          && (leaving.get() > 0
              ? now - began < PATIENCE.toNanos()
              : now - began < BURST && now - moved < STANDSTILL)) {
        LockSupport.parkNanos(this, NANOS_BETWEEN_LOOKS);
        if (places.tryAcquire() || inherits()) {
          return true;
        }
        now = nanoTime.getAsLong();
        if (admitted.get() != seen) {
          seen = admitted.get();
          moved = now;
        }
      }
      return false;
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Evicts the request that has waited longest for its client, if any, and takes its permit. */
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

  /** Waits until an evicted request has left, for a limited time. */
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

  /** Whether the timeout of an incomplete head that began at this time has not passed yet. */
  public boolean hasTime(long began) {
    return !headTimeout.isPositive() || nanoTime.getAsLong() - began <= headTimeout.toNanos();
  }

  /** Returns the permit of a request: its answer was sent, or its connection closed. */
  public void leave(AdmissionPermit permit) {
    inFlight.remove(permit);
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
  public boolean evictSlowSender() {
    AdmissionPermit oldest = takeFromOldest(State.GIVEN_UP);
    if (oldest == null) {
      return false;
    }
    oldest.giveUp.run();
    return true;
  }

  /** Marks the request that has waited longest for its client; null if none waits. */
  private @Nullable AdmissionPermit takeFromOldest(State end) {
    while (true) {
      AdmissionPermit oldest = null;
      for (AdmissionPermit permit : inFlight) {
        if (permit.state.get() == State.INCOMPLETE
            && (oldest == null || permit.number < oldest.number)) {
          oldest = permit;
        }
      }
      if (oldest == null) {
        return null;
      }
      // The rest of it may have arrived just now, or somebody else may have evicted it.
      if (oldest.state.compareAndSet(State.INCOMPLETE, end)) {
        return oldest;
      }
    }
  }
}
