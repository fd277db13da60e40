package dev.nebulastore.http.tomcat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Limits the streams of all connections of HTTP/2 by the memory that Tomcat takes for them: some 20
 * KB for each, and two buffers of 64 KB more for one with a body, as soon as a byte of it arrives.
 *
 * <p>Threads: safe for all.
 */
final class StreamLimit {

  /** One of so many streams may have a body. */
  private static final int BODY_SHARE = 8;

  private final Semaphore all;
  private final Semaphore bodies;

  /**
   * Creates a limit with no stream begun.
   *
   * @param max at least {@value #BODY_SHARE}
   */
  StreamLimit(int max) {
    all = new Semaphore(max);
    bodies = new Semaphore(bodies(max));
  }

  /** How many of so many streams may have bodies. */
  static int bodies(int max) {
    return max / BODY_SHARE;
  }

  /** The place of a new stream; null if there is none. */
  @Nullable Place begin(boolean withBody) {
    if (!all.tryAcquire()) {
      return null;
    }
    boolean refused = withBody && !bodies.tryAcquire();
    return new Place(withBody && !refused, !refused);
  }

  /** Where a stream is. */
  private enum State {
    BEGUN,
    SERVED,
    ENDED
  }

  /** The place of one stream. */
  final class Place {

    private final boolean withBody;
    private final boolean takesBody;
    private final AtomicReference<State> state = new AtomicReference<>(State.BEGUN);
    private volatile boolean reset;

    private Place(boolean withBody, boolean takesBody) {
      this.withBody = withBody;
      this.takesBody = takesBody;
    }

    /** Whether there is room for its body, if it has one. */
    boolean takesBody() {
      return takesBody;
    }

    /** Says that the client has reset the stream. */
    void isReset() {
      reset = true;
    }

    /** Whether the client has reset the stream. */
    boolean wasReset() {
      return reset;
    }

    /** Says that it is served from now on, and returns false if it has ended before. */
    boolean serve() {
      return state.compareAndSet(State.BEGUN, State.SERVED);
    }

    /** Gives the place back, if nobody serves it. */
    void endUnserved() {
      if (state.compareAndSet(State.BEGUN, State.ENDED)) {
        release();
      }
    }

    /** Gives the place back. */
    void end() {
      if (state.getAndSet(State.ENDED) != State.ENDED) {
        release();
      }
    }

    private void release() {
      if (withBody) {
        bodies.release();
      }
      all.release();
    }
  }
}
