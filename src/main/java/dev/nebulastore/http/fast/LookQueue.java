package dev.nebulastore.http.fast;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections that an event loop has to look at. It is a linked list through the connections
 * themselves, so that adding one allocates nothing and succeeds even without memory (invariant 12).
 *
 * <p>Threads: {@link #add} is safe for all; everything else is confined to the event loop's.
 *
 * @param <N> a connection
 */
final class LookQueue<N extends LookQueue.Node<N>> {

  /**
   * An element of the queue.
   *
   * <p>Threads: as the queue.
   */
  abstract static class Node<N extends Node<N>> {
    private final AtomicBoolean isQueued = new AtomicBoolean();
    private @Nullable N below;
  }

  private final AtomicReference<@Nullable N> newest = new AtomicReference<>();

  /** Adds an element, unless it is in the queue. */
  void add(N added) {
    Node<N> node = added;
    if (node.isQueued.compareAndSet(false, true)) {
      N before;
      do {
        before = newest.get();
        node.below = before;
      } while (!newest.compareAndSet(before, added));
    }
  }

  boolean isEmpty() {
    return newest.get() == null;
  }

  /** Removes all elements and passes them to an action, which must not throw. */
  void drain(Consumer<N> look) {
    N next = newest.getAndSet(null);
    while (next != null) {
      Node<N> node = next;
      N below = node.below;
      node.below = null;
      node.isQueued.set(false);
      look.accept(next);
      next = below;
    }
  }
}
