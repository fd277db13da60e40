package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Write;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last write of each key that is submitted and not settled. It is one for all lanes: a shard
 * that takes a key over goes on from what the giver has under way, and waits for no disk.
 *
 * <p>Threads: safe for all; a lane adds under its lock.
 */
final class UnderWay {

  private final Map<Key, Write> writes = new ConcurrentHashMap<>();
  private final AtomicLong losses = new AtomicLong();

  /** The write of this key that is to come; null if none is. */
  @Nullable Write of(Key key) {
    return writes.get(key);
  }

  void add(List<Write> submitted) {
    submitted.forEach(write -> writes.put(write.change().key(), write));
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

  /** How often what was under way was lost, or what was in hand then may have turned up. */
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
