package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last write of each key that is accepted and not settled. All shards share it: when a key
 * moves, the target continues from what the source has in flight, and waits for no disk.
 *
 * <p>Threads: safe for all; {@link #add} is called within the fences of the shards.
 */
final class InFlightWrites {

  private final Map<Key, Write> writes = new ConcurrentHashMap<>();
  private final AtomicLong lossEpoch = new AtomicLong();
  private final AtomicLong largeBytes = new AtomicLong();
  private final long maxLargeBytes;

  /**
   * No write is in flight.
   *
   * @param maxLargeBytes the bytes of large values that may be in flight, approximately
   */
  InFlightWrites(long maxLargeBytes) {
    this.maxLargeBytes = maxLargeBytes;
  }

  /** The last write of this key in flight; null if there is none. */
  @Nullable Write of(Key key) {
    return writes.get(key);
  }

  /** Adds batches that are about to be accepted: all of them, or none if it throws. */
  void add(List<Part> parts) {
    int count = 0;
    for (Part part : parts) {
      count += part.batch().writes().size();
    }
    List<Write> added = new ArrayList<>(count);
    parts.forEach(part -> added.addAll(part.batch().writes()));
    @Nullable Write[] replaced = new @Nullable Write[count];
    int begun = 0;
    try {
      for (Write write : added) {
        Key key = write.change().key();
        begun++;
        replaced[begun - 1] = writes.put(key, write);
      }
    } catch (Throwable e) {
      takeBack(added, replaced, begun);
      throw e;
    }
    long large = large(added);
    if (large > 0) {
      largeBytes.addAndGet(large);
    }
  }

  /**
   * Gives each key back the write that it had before. If that one was settled meanwhile, it stays
   * until the next write of its key. That does no harm, as it is what is committed. Allocates
   * nothing.
   */
  private void takeBack(List<Write> added, @Nullable Write[] replaced, int begun) {
    for (int i = begun - 1; i >= 0; i--) {
      Write write = added.get(i);
      Write before = replaced[i];
      if (before != null) {
        writes.replace(write.change().key(), write, before);
        continue;
      }
      try {
        writes.remove(write.change().key(), write);
      } catch (OutOfMemoryError e) {
        // It is removed; only the map's own count of its entries could not be updated.
      }
    }
  }

  /**
   * The database has these writes from now on. A later write of the same key stays in flight.
   * Writes are compared by identity.
   */
  @SuppressWarnings("ReferenceEquality")
  void settle(List<Write> settled) {
    for (Write write : settled) {
      writes.computeIfPresent(write.change().key(), (key, last) -> last == write ? null : last);
    }
  }

  /** These are settled or lost: their values do not count any more. */
  void release(List<Write> settled) {
    long large = large(settled);
    if (large > 0) {
      largeBytes.addAndGet(-large);
    }
  }

  /**
   * Whether large values take as much memory as they may. A caller that gives up at its deadline
   * releases what it has counted, but a submitted write stays until the disk has taken it.
   */
  boolean isBacklogged() {
    return largeBytes.get() >= maxLargeBytes;
  }

  private static long large(List<Write> writes) {
    long large = 0;
    for (Write write : writes) {
      Entry after = write.after();
      if (after != null && after.value().size() > ContentBudget.SMALL) {
        large += after.value().size();
      }
    }
    return large;
  }

  /** Counts how often writes in flight were lost, or may have turned out to be committed. */
  long lossEpoch() {
    return lossEpoch.get();
  }

  /**
   * Forgets all writes, while no shard accepts any. The count is increased last: a worker that
   * decided on a forgotten write has read the count before, so its batch will be refused.
   */
  void lose() {
    writes.clear();
    lossEpoch.incrementAndGet();
  }
}
