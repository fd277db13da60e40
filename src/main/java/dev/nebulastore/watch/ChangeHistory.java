package dev.nebulastore.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes of all shards, in the order in which they were told: a ring that is bounded by
 * their number and by what they take. The newest is always kept, however large it is.
 *
 * <p>Threads: appended to under its lock, under which nothing waits; read by anyone without it, so
 * that no reader ever holds up who appends.
 */
class ChangeHistory {

  /** What a change takes in memory beyond its bytes, about. */
  static final int OVERHEAD = 200;

  /**
   * A change at its place in the order.
   *
   * @param change null if it is uncertain whether there was one
   * @param size what it takes, in bytes
   */
  record Told(long sequence, Key key, @Nullable Change change, long size) {}

  // A slot is written before head comes to its sequence, and emptied or reused once tail is there.
  private final AtomicReferenceArray<@Nullable Told> ring;
  private final long maxSize;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under the lock. Kept are the sequences above tail, up to head.
  private volatile long head;
  private volatile long tail;
  private volatile long size;

  ChangeHistory(int maxChanges, long maxSize) {
    this.ring = new AtomicReferenceArray<>(maxChanges);
    this.maxSize = maxSize;
  }

  /**
   * Appends changes that took effect, or of which that is uncertain. If that fails, as for want of
   * memory, the history is emptied, and has its head where it would be: so whoever reads finds that
   * it missed something.
   */
  void append(List<Change> changes, boolean certain) {
    lock.lock();
    try {
      long before = head;
      try {
        for (int i = 0; i < changes.size(); i++) {
          append(changes.get(i), certain);
        }
      } catch (Throwable e) {
        forget(before + Math.max(1, changes.size()));
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Keeps nothing up to this place. Takes no memory, but frees some. */
  @GuardedBy("lock")
  private void forget(long until) {
    head = until;
    tail = until;
    size = 0;
    for (int slot = 0; slot < ring.length(); slot++) {
      ring.set(slot, null);
    }
  }

  @GuardedBy("lock")
  private void append(Change change, boolean certain) {
    long sequence = head + 1;
    long taken = certain ? sizeOf(change) : OVERHEAD + change.key().utf8().length;
    if (sequence - tail > ring.length()) {
      evict();
    }
    while (size + taken > maxSize && tail < sequence - 1) {
      evict();
    }
    grow(taken);
    ring.set(slot(sequence), new Told(sequence, change.key(), certain ? change : null, taken));
    head = sequence;
  }

  @GuardedBy("lock")
  private void evict() {
    long oldest = tail + 1;
    Told told = ring.getAndSet(slot(oldest), null);
    grow(told == null ? 0 : -told.size());
    tail = oldest;
  }

  @GuardedBy("lock")
  private void grow(long by) {
    long grown = size + by;
    size = grown;
  }

  private static long sizeOf(Change change) {
    long value =
        switch (change) {
          case Change.Put(var entry) ->
              (long) entry.value().size() + entry.value().contentType().length();
          case Change.Delete _, Change.Expire _ -> 0;
        };
    return OVERHEAD + change.key().utf8().length + value;
  }

  private int slot(long sequence) {
    return (int) (sequence % ring.length());
  }

  /** What was told at this place, at most {@link #head}; null if it is kept no longer. */
  @Nullable Told at(long sequence) {
    Told told = ring.get(slot(sequence));
    return told != null && told.sequence() == sequence ? told : null;
  }

  /** The place of the newest change, 0 before the first. */
  long head() {
    return head;
  }

  /** The place of the last change that is kept no longer, 0 if there is none. */
  long tail() {
    return tail;
  }

  /** What all that is kept takes, in bytes. */
  long size() {
    return size;
  }
}
