package dev.nebulastore.shard;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The reads of one transaction: those that need the disk run concurrently. The place of each result
 * is allocated before the read starts, so that storing it takes no memory (invariant 12).
 *
 * <p>Threads: confined to the transaction's, except that threads of the engine store results.
 */
final class TransactionReads {

  /** The read of one key. */
  private static final class Read implements Consumer<Lookup> {
    private final Key key;
    private final Thread caller = Thread.currentThread();
    private volatile @Nullable Lookup found;

    Read(Key key) {
      this.key = key;
    }

    @Override
    public void accept(Lookup result) {
      found = result;
      LockSupport.unpark(caller);
    }
  }

  private final List<Read> all = new ArrayList<>();
  private final Execution execution;
  private final Duration limit;
  private final long until;
  private int lastShard;

  /** Reads of the current thread, which waits until this {@link Execution#nanoTime} at most. */
  TransactionReads(Execution execution, Duration limit, long until) {
    this.execution = execution;
    this.limit = limit;
    this.until = until;
  }

  /**
   * Starts to read a key from the store of its shard.
   *
   * @param budget pays for its value, if that is large; null if it is not needed
   */
  void add(Key key, int shard, ShardStore store, @Nullable ContentBudget budget) {
    Read one = new Read(key);
    all.add(one);
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
   * @return a map that belongs to the caller
   * @throws ShardFailure if one failed, or has not ended in time
   */
  Map<Key, @Nullable Entry> await() {
    Map<Key, @Nullable Entry> entries = new HashMap<>();
    for (Read one : all) {
      switch (await(one)) {
        case Lookup.Known(Entry entry) -> entries.put(one.key, entry);
        case Lookup.Failed(ShardFailure failure) -> throw failure;
        case Lookup.OnDisk _ -> throw new IllegalStateException("A fetch had no result");
      }
    }
    return entries;
  }

  private Lookup await(Read one) {
    Lookup found = one.found;
    while (found == null) {
      long left = until - execution.nanoTime();
      if (left <= 0) {
        throw new DeadlineExceeded(lastShard, limit, RetryAfter.SOON);
      }
      execution.parkNanos(this, left);
      found = one.found;
    }
    return found;
  }
}
