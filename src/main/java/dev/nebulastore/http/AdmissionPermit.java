package dev.nebulastore.http;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The permit of one request in flight.
 *
 * <pre>
 * SERVED ⇄ INCOMPLETE ──evicted──▶ GIVEN_UP or INHERITED
 * any of them ──{@link Admission#leave}──▶ LEFT
 * </pre>
 *
 * <p>Threads: safe for all.
 */
public final class AdmissionPermit {

  enum State {
    SERVED,
    /** The rest of the request is awaited from its client. */
    INCOMPLETE,
    /** Evicted to close its connection. */
    GIVEN_UP,
    /** Evicted, and the permit belongs to the request that needed it. */
    INHERITED,
    LEFT
  }

  final long number;
  final Runnable giveUp;
  final List<Semaphore> places;
  final AtomicReference<State> state = new AtomicReference<>(State.SERVED);

  /** The thread that waits until the request has left. */
  volatile @Nullable Thread heir;

  AdmissionPermit(long number, Runnable giveUp, List<Semaphore> places) {
    this.number = number;
    this.giveUp = giveUp;
    this.places = places;
  }

  /** Says that the rest of the request is awaited, so that it may be evicted. */
  public void isIncomplete() {
    state.compareAndSet(State.SERVED, State.INCOMPLETE);
  }

  /**
   * Says that more of the request has arrived.
   *
   * @return false if it was evicted meanwhile
   */
  public boolean goesOn() {
    return state.compareAndSet(State.INCOMPLETE, State.SERVED) || state.get() == State.SERVED;
  }
}
