package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.CommitGroup.Member;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The batches that lanes have accepted and the committer has not taken yet, in the order in which
 * they were accepted.
 *
 * <p>Adding allocates nothing: what is to be added is made before it is accepted. So there is no
 * batch that was accepted and could not be queued, however little memory there is.
 *
 * <p>Threads: {@link #add} is safe for all; the rest is confined to the one who takes.
 */
final class AcceptedQueue {

  /** Batches that are written together, and their place in the queue. */
  static final class Together {
    private final List<Member> members;
    private @Nullable Together next;

    Together(List<Member> members) {
      this.members = List.copyOf(members);
    }

    List<Member> members() {
      return members;
    }
  }

  // A stack, the newest first, which who takes turns round.
  private final AtomicReference<@Nullable Together> newest = new AtomicReference<>();

  private @Nullable Together oldest;

  /** Puts them behind all that were added before. */
  void add(Together added) {
    Together before;
    do {
      before = newest.get();
      added.next = before;
    } while (!newest.compareAndSet(before, added));
  }

  boolean isEmpty() {
    return oldest == null && newest.get() == null;
  }

  /** The oldest, which stays in the queue; null if there is none. */
  @Nullable Together peek() {
    if (oldest == null) {
      Together stack = newest.getAndSet(null);
      while (stack != null) {
        Together below = stack.next;
        stack.next = oldest;
        oldest = stack;
        stack = below;
      }
    }
    return oldest;
  }

  /** Takes the oldest out, after a {@link #peek} has found it. */
  void remove() {
    Together taken = oldest;
    if (taken != null) {
      oldest = taken.next;
      taken.next = null;
    }
  }
}
