package dev.nebulastore.http;

/**
 * Tells whether the client of a request is still connected, for requests that wait or take long.
 *
 * <p>A client has gone when it has closed or reset its side of the connection, or sent TLS's {@code
 * close_notify}. A client that closes only its output and continues to read looks the same until
 * something is sent to it, and counts as gone. Short requests never ask, so such a client gets
 * their answers.
 *
 * <p>A client of HTTP/2 has also gone when it has reset its stream. A client whose network fails
 * counts as connected until a send fails.
 *
 * <p>Threads: confined to the request's.
 */
public interface ClientPresence {

  /** The presence of a client whose connection can't be examined: it never goes away. */
  ClientPresence UNKNOWN =
      new ClientPresence() {
        @Override
        public boolean isGone() {
          return false;
        }

        @Override
        public void tellOnce(Runnable told) {}

        @Override
        public void tellNoMore() {}
      };

  /** Whether the client has gone away. Takes a system call. */
  boolean isGone();

  /**
   * Runs a callback once, on another thread, when it makes sense to ask {@link #isGone} again,
   * unless {@link #tellNoMore} is called first. The callback must not wait. It may never run, so
   * callers still need a timeout. While a callback is pending, this does nothing.
   */
  void tellOnce(Runnable told);

  /** Cancels the pending callback; one that is about to run may still run. */
  void tellNoMore();
}
