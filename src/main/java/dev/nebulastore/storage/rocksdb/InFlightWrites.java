package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Write;
import dev.nebulastore.storage.rocksdb.CommitGroup.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last write of each key that is submitted and not settled. It is one for all lanes: a shard
 * that takes a key over goes on from what the source has under way, and waits for no disk.
 *
 * <p>Threads: safe for all; a lane adds under its lock.
 */
final class InFlightWrites {

  private final Map<Key, Write> writes = new ConcurrentHashMap<>();
  private final AtomicLong losses = new AtomicLong();
  private final AtomicLong largeBytes = new AtomicLong();
  private final long maxLargeBytes;

  /**
   * Nothing is under way.
   *
   * @param maxLargeBytes how many bytes of large values may be, about
   */
  InFlightWrites(long maxLargeBytes) {
    this.maxLargeBytes = maxLargeBytes;
  }

  /** The write of this key that is to come; null if none is. */
  @Nullable Write of(Key key) {
    return writes.get(key);
  }

  /** Adds what is about to be accepted: all of it, or nothing if it throws. */
  void add(List<Member> members) {
    int count = 0;
    for (Member member : members) {
      count += member.batch().writes().size();
    }
    List<Write> added = new ArrayList<>(count);
    members.forEach(member -> added.addAll(member.batch().writes()));
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
   * Gives each key the write again that it had before. If that one was settled meanwhile it stays
   * until the next write of its key, which does no harm: it is what is committed. Needs no memory.
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
        // It is out; only the map's own count of its entries could not be brought up to date.
      }
    }
  }

  /**
   * The database knows these from now on. A later write of the same key stays under way; values are
   * not compared, since a write is an object of its own.
   */
  @SuppressWarnings("ReferenceEquality")
  void settle(List<Write> settled) {
    for (Write write : settled) {
      writes.computeIfPresent(write.change().key(), (key, last) -> last == write ? null : last);
    }
  }

  /** These are settled, or lost: their values take no memory on behalf of the engine any more. */
  void release(List<Write> settled) {
    long large = large(settled);
    if (large > 0) {
      largeBytes.addAndGet(-large);
    }
  }

  /**
   * Whether large values take as much memory as they may. Callers give up at their deadline and let
   * go of what they have counted, but what is submitted stays until the disk has taken it.
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

  /** How often what was under way was lost, or what was in flight then may have turned up. */
  long losses() {
    return losses.get();
  }

  /**
   * Forgets all, while no lane accepts any. It is counted last: whoever decided on top of what is
   * forgotten had read the number before, so what it submits will be refused.
   */
  void lose() {
    writes.clear();
    losses.incrementAndGet();
  }
}
