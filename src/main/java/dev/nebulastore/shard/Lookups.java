package dev.nebulastore.shard;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The look-ups of one transaction: those that take a disk are all under way at once.
 *
 * <p>Threads: confined to the transaction's, but that threads of the engine put in what they found.
 */
final class Lookups {

  private final Map<Key, Lookup> found = new ConcurrentHashMap<>();
  private final Thread caller = Thread.currentThread();
  private final Pace pace;
  private final Duration limit;
  private final long until;
  private int asked;
  private int lastShard;

  /** For the current thread, which waits until this {@link Pace#nanoTime} at most. */
  Lookups(Pace pace, Duration limit, long until) {
    this.pace = pace;
    this.limit = limit;
    this.until = until;
  }

  /** Looks a key up in the store of its shard. */
  void add(Key key, int shard, ShardStore store) {
    asked++;
    lastShard = shard;
    Lookup latest = store.latest(key);
    if (latest instanceof Lookup.OnDisk) {
      store.fetch(key, lookup -> put(key, lookup));
    } else {
      found.put(key, latest);
    }
  }

  private void put(Key key, Lookup lookup) {
    found.put(key, lookup);
    LockSupport.unpark(caller);
  }

  /**
   * Waits for all of them.
   *
   * @throws ShardFailure if one failed, or has not come in time
   */
  Map<Key, @Nullable Entry> await() {
    while (found.size() < asked) {
      long left = until - pace.nanoTime();
      if (left <= 0) {
        throw new DeadlineExceeded(lastShard, limit, ShardWorkers.RETRY_SOON);
      }
      pace.parkNanos(this, left);
    }
    Map<Key, @Nullable Entry> entries = new HashMap<>();
    found.forEach((key, lookup) -> {
      switch (lookup) {
        case Lookup.Known(Entry entry) -> entries.put(key, entry);
        case Lookup.Failed(ShardFailure failure) -> throw failure;
        case Lookup.OnDisk _ -> throw new IllegalStateException("A fetch found nothing out");
      }
    });
    return entries;
  }
}
