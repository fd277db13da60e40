package dev.nebulastore.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes of all shards, in the order in which they were committed: a ring buffer with a
 * limit on the number of changes and on their size. The newest change is always kept, whatever its
 * size.
 *
 * <p>Threads: appended to under its lock, under which nothing waits; read by anyone without it, so
 * readers never hold up writers.
 */
class ChangeHistory {

  /** About how much memory a change takes in addition to its key and value, in bytes. */
  static final int OVERHEAD = 200;

  /**
   * A change at its place in the order.
   *
   * @param change null if it is uncertain whether the key changed
   * @param size the memory it takes, in bytes
   */
  record Recorded(long sequence, Key key, @Nullable Change change, long size) {}

  // A slot is written before head reaches its sequence, and emptied or reused after tail has.
  private final AtomicReferenceArray<@Nullable Recorded> ring;
  private final long maxSize;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under the lock. The changes after tail, up to head, are kept.
  private volatile long head;
  private volatile long tail;
  private volatile long size;

  ChangeHistory(int maxChanges, long maxSize) {
    this.ring = new AtomicReferenceArray<>(maxChanges);
    this.maxSize = maxSize;
  }

  /**
   * Appends changes that took effect, or of which that is uncertain. If that fails, for example
   * because memory is exhausted, the history is emptied and its head advances as if it had not: so
   * every reader notices that it missed changes.
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
        drop(before + Math.max(1, changes.size()));
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops everything up to this place. Needs no memory. */
  @GuardedBy("lock")
  private void drop(long until) {
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
    ring.set(slot(sequence), new Recorded(sequence, change.key(), certain ? change : null, taken));
    head = sequence;
  }

  @GuardedBy("lock")
  private void evict() {
    long oldest = tail + 1;
    Recorded recorded = ring.getAndSet(slot(oldest), null);
    grow(recorded == null ? 0 : -recorded.size());
    tail = oldest;
  }

  @GuardedBy("lock")
  private void grow(long by) {
    long grown = size + by;
    size = grown;
  }

  private static long sizeOf(Change change) {
    Entry entry = change.entry();
    long value =
        entry == null ? 0 : (long) entry.value().size() + entry.value().contentType().length();
    return OVERHEAD + change.key().utf8().length + value;
  }

  private int slot(long sequence) {
    return (int) (sequence % ring.length());
  }

  /** The change at this place, at most {@link #head}; null if it is kept no longer. */
  @Nullable Recorded at(long sequence) {
    Recorded recorded = ring.get(slot(sequence));
    return recorded != null && recorded.sequence() == sequence ? recorded : null;
  }

  /** The place of the newest change, 0 before the first. */
  long head() {
    return head;
  }

  /** The place of the last change that is kept no longer, 0 if there is none. */
  long tail() {
    return tail;
  }

  /** The memory that the kept changes take, in bytes. */
  long size() {
    return size;
  }
}
