package dev.nebulastore.shard;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The look-ups of one transaction: those that take a disk are all under way at once. What is found
 * has its place before it is asked for, so that to put it in takes no memory (invariant 12).
 *
 * <p>Threads: confined to the transaction's, but that threads of the engine put in what they found.
 */
final class TransactionReads {

  /** One key, and what was found under it. */
  private static final class Asked implements Consumer<Lookup> {
    private final Key key;
    private final Thread caller = Thread.currentThread();
    private volatile @Nullable Lookup found;

    Asked(Key key) {
      this.key = key;
    }

    @Override
    public void accept(Lookup come) {
      found = come;
      LockSupport.unpark(caller);
    }
  }

  private final List<Asked> asked = new ArrayList<>();
  private final Execution execution;
  private final Duration limit;
  private final long until;
  private int lastShard;

  /** For the current thread, which waits until this {@link Execution#nanoTime} at most. */
  TransactionReads(Execution execution, Duration limit, long until) {
    this.execution = execution;
    this.limit = limit;
    this.until = until;
  }

  /**
   * Looks a key up in the store of its shard.
   *
   * @param budget pays for its value, if that is large; null if it need not be read
   */
  void add(Key key, int shard, ShardStore store, @Nullable ContentBudget budget) {
    Asked one = new Asked(key);
    asked.add(one);
    lastShard = shard;
    Lookup latest = store.latest(key, budget);
    if (latest instanceof Lookup.OnDisk) {
      store.fetch(key, budget, one);
    } else {
      one.found = latest;
    }
  }

  /**
   * Waits for all of them.
   *
   * @throws ShardFailure if one failed, or has not come in time
   */
  Map<Key, @Nullable Entry> await() {
    Map<Key, @Nullable Entry> entries = new HashMap<>();
    for (Asked one : asked) {
      switch (await(one)) {
        case Lookup.Known(Entry entry) -> entries.put(one.key, entry);
        case Lookup.Failed(ShardFailure failure) -> throw failure;
        case Lookup.OnDisk _ -> throw new IllegalStateException("A fetch found nothing out");
      }
    }
    return entries;
  }

  private Lookup await(Asked one) {
    Lookup found = one.found;
    while (found == null) {
      long left = until - execution.nanoTime();
      if (left <= 0) {
        throw new DeadlineExceeded(lastShard, limit, ShardWorkers.RETRY_SOON);
      }
      execution.parkNanos(this, left);
      found = one.found;
    }
    return found;
  }
}
