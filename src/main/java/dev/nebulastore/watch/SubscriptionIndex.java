package dev.nebulastore.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Key;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds the subscriptions that watch a key, with one look-up for the key and one for each length of
 * a prefix that is watched, whatever the number of subscriptions.
 *
 * <p>Threads: guarded by its lock, which threads that commit changes never take.
 */
final class SubscriptionIndex {

  final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Set<Subscription> all = new HashSet<>();

  @GuardedBy("lock")
  private final Map<Key, Set<Subscription>> byKey = new HashMap<>();

  // By the length of the prefix in bytes, then by the prefix.
  @GuardedBy("lock")
  private final TreeMap<Integer, Map<ByteBuffer, Set<Subscription>>> byPrefix = new TreeMap<>();

  @GuardedBy("lock")
  int size() {
    return all.size();
  }

  /** Whether nothing is kept, not even an empty set. */
  boolean isEmpty() {
    lock.lock();
    try {
      return all.isEmpty() && byKey.isEmpty() && byPrefix.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  void add(Subscription subscription) {
    all.add(subscription);
    for (Key key : subscription.target().keys()) {
      byKey.computeIfAbsent(key, _ -> new HashSet<>()).add(subscription);
    }
    for (ByteBuffer prefix : subscription.target().prefixes()) {
      byPrefix
          .computeIfAbsent(prefix.remaining(), _ -> new HashMap<>())
          .computeIfAbsent(prefix, _ -> new HashSet<>())
          .add(subscription);
    }
  }

  /** Removes it and the sets that become empty; false if it was not there. */
  @GuardedBy("lock")
  boolean remove(Subscription subscription) {
    if (!all.remove(subscription)) {
      return false;
    }
    for (Key key : subscription.target().keys()) {
      byKey.computeIfPresent(key, (_, those) -> without(those, subscription));
    }
    for (ByteBuffer prefix : subscription.target().prefixes()) {
      byPrefix.computeIfPresent(
          prefix.remaining(),
          (_, prefixes) -> {
            prefixes.computeIfPresent(prefix, (_, those) -> without(those, subscription));
            return prefixes.isEmpty() ? null : prefixes;
          });
    }
    return true;
  }

  private static @Nullable Set<Subscription> without(
      Set<Subscription> those, Subscription subscription) {
    those.remove(subscription);
    return those.isEmpty() ? null : those;
  }

  /** Wakes all that watch this key for the change at this place; returns how many it woke. */
  @GuardedBy("lock")
  int wake(Key key, long sequence) {
    int woken = wake(byKey.get(key), sequence);
    byte[] utf8 = key.utf8();
    for (var prefixes : byPrefix.headMap(utf8.length, true).entrySet()) {
      woken += wake(prefixes.getValue().get(ByteBuffer.wrap(utf8, 0, prefixes.getKey())), sequence);
    }
    return woken;
  }

  /** Wakes all. */
  @GuardedBy("lock")
  void wakeAll(long sequence) {
    var _ = wake(all, sequence);
  }

  /** Has all notice that the hub has ended. */
  @GuardedBy("lock")
  void unparkAll() {
    all.forEach(Subscription::unpark);
  }

  private static int wake(@Nullable Set<Subscription> those, long sequence) {
    int woken = 0;
    if (those != null) {
      for (Subscription subscription : those) {
        woken += subscription.wake(sequence) ? 1 : 0;
      }
    }
    return woken;
  }
}
