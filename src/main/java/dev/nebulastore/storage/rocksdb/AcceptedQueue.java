package dev.nebulastore.storage.rocksdb;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The batches that shards have accepted and the committer has not taken yet, in the order in which
 * they were accepted.
 *
 * <p>Adding allocates nothing: an item is made before its batches are accepted. So no accepted
 * batch is lost for want of memory.
 *
 * <p>Threads: {@link #add} is safe for all; the rest is confined to the thread that takes.
 */
final class AcceptedQueue {

  /** Batches that are written together, and their place in the queue. */
  static final class Item {
    private final List<AcceptedBatch> batches;
    private @Nullable Item next;

    Item(List<AcceptedBatch> batches) {
      this.batches = List.copyOf(batches);
    }

    List<AcceptedBatch> batches() {
      return batches;
    }
  }

  // A stack, the newest first, which is reversed when it is taken.
  private final AtomicReference<@Nullable Item> newest = new AtomicReference<>();

  private @Nullable Item oldest;

  /** Adds an item behind all that were added before. */
  void add(Item added) {
    Item before;
    do {
      before = newest.get();
      added.next = before;
    } while (!newest.compareAndSet(before, added));
  }

  boolean isEmpty() {
    return oldest == null && newest.get() == null;
  }

  /** The oldest item, which stays in the queue; null if the queue is empty. */
  @Nullable Item peek() {
    if (oldest == null) {
      Item stack = newest.getAndSet(null);
      while (stack != null) {
        Item below = stack.next;
        stack.next = oldest;
        oldest = stack;
        stack = below;
      }
    }
    return oldest;
  }

  /** Removes the oldest item, after a {@link #peek} has found it. */
  void remove() {
    Item taken = oldest;
    if (taken != null) {
      oldest = taken.next;
      taken.next = null;
    }
  }
}
