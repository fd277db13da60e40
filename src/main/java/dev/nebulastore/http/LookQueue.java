package dev.nebulastore.http;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections that an event loop is to look at. Each has its place in the queue with it, so
 * that to be added takes no memory: whoever is told of an answer is told, also by a thread that has
 * none (invariant 12).
 *
 * <p>Threads: {@link #add} is safe for all; the rest is the loop's.
 */
final class LookQueue {

  private final AtomicReference<@Nullable FastConnection> newest = new AtomicReference<>();

  /** Adds it, unless it is in. */
  void add(FastConnection connection) {
    if (connection.isQueued.compareAndSet(false, true)) {
      FastConnection before;
      do {
        before = newest.get();
        connection.below = before;
      } while (!newest.compareAndSet(before, connection));
    }
  }

  boolean isEmpty() {
    return newest.get() == null;
  }

  /** Takes all out, and has each looked at by this, which does not throw. */
  void drain(Consumer<FastConnection> look) {
    FastConnection next = newest.getAndSet(null);
    while (next != null) {
      FastConnection below = next.below;
      next.below = null;
      next.isQueued.set(false);
      look.accept(next);
      next = below;
    }
  }
}
