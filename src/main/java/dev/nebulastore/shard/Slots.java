package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardFailure;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * The slots of all shards. The slot of a shard that was removed is kept, in case the shard is added
 * again: its generations continue.
 *
 * <p>Threads: read by anyone, as an immutable snapshot; changed by one thread at a time.
 */
final class Slots {

  private final IntFunction<Slot> make;
  private final Map<Integer, Slot> made = new HashMap<>();
  private volatile SortedMap<Integer, Slot> present = new TreeMap<>();

  Slots(IntFunction<Slot> make) {
    this.make = make;
  }

  /**
   * The slot of a shard.
   *
   * @throws NoSuchShard if there is none
   */
  Slot of(int shard) {
    Slot slot = present.get(shard);
    if (slot == null) {
      throw new NoSuchShard(shard);
    }
    return slot;
  }

  /**
   * Adds a request to the mailbox of its shard, and wakes the worker.
   *
   * @throws ShardFailure if it was not accepted
   */
  void offer(BarrierRequest request) {
    of(request.shard()).offer(request, Runnable::run);
  }

  /** All of them, by number. */
  Collection<Slot> all() {
    return present.values();
  }

  SortedSet<Integer> numbers() {
    return new TreeSet<>(present.keySet());
  }

  synchronized Slot add(int shard) {
    Slot slot = made.computeIfAbsent(shard, make::apply);
    SortedMap<Integer, Slot> more = new TreeMap<>(present);
    more.put(shard, slot);
    present = more;
    return slot;
  }

  synchronized void remove(int shard) {
    SortedMap<Integer, Slot> fewer = new TreeMap<>(present);
    fewer.remove(shard);
    present = fewer;
  }
}
