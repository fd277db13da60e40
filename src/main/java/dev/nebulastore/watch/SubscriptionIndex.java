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
 * Who watches what. To find those who watch a key takes one look-up for the key, and one for each
 * length of a prefix that is watched, however many watch.
 *
 * <p>Threads: guarded by its lock, which those who commit changes never take.
 */
final class SubscriptionIndex {

  final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Set<Subscription> all = new HashSet<>();

  @GuardedBy("lock")
  private final Map<Key, Set<Subscription>> byKey = new HashMap<>();

  // By the number of bytes of the prefix, then by the prefix.
  @GuardedBy("lock")
  private final TreeMap<Integer, Map<ByteBuffer, Set<Subscription>>> byPrefix = new TreeMap<>();

  @GuardedBy("lock")
  int size() {
    return all.size();
  }

  /** Whether nothing is kept, not even an empty place. */
  boolean isBare() {
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
    Key key = subscription.interest().key();
    ByteBuffer prefix = subscription.interest().prefix();
    if (key != null) {
      byKey.computeIfAbsent(key, _ -> new HashSet<>()).add(subscription);
    } else {
      byPrefix
          .computeIfAbsent(prefix.remaining(), _ -> new HashMap<>())
          .computeIfAbsent(prefix, _ -> new HashSet<>())
          .add(subscription);
    }
  }

  /** Takes it out, with all that was kept for it alone; false if it was not in. */
  @GuardedBy("lock")
  boolean remove(Subscription subscription) {
    if (!all.remove(subscription)) {
      return false;
    }
    Key key = subscription.interest().key();
    if (key != null) {
      byKey.computeIfPresent(key, (_, those) -> without(those, subscription));
    } else {
      ByteBuffer prefix = subscription.interest().prefix();
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

  /** Wakes those who watch this key for the change at this place; answers how many slept. */
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

  /** Has all see that they have ended. */
  @GuardedBy("lock")
  void rouseAll() {
    all.forEach(Subscription::rouse);
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
