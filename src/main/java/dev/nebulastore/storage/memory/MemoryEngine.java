package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.ShardFence;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.Write;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all entries in one map on the heap, and their keys in the order of their bytes.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>One map for all shards: a shard is a lane over it, so a change of the ring moves nothing.
 *   <li>A commit happens within its lane's {@link ShardFence}, which also holds the generation that
 *       may commit. So once {@link #open} returns, an older generation's batch either has happened
 *       whole, and all were told of it, or never will (invariant 4). Nothing blocks in there: a
 *       stuck worker cannot be holding it.
 *   <li>The map is hashed, since a search in the order costs a read or an overwrite more than all
 *       the rest of it in here; colliding keys don't hurt, as they are comparable. The order knows
 *       every entry that stands: a key joins it after its entry is there and leaves it before. It
 *       is by the keys' bytes, since a look through it may begin at what is no key.
 *   <li>The map is concurrent, since a fenced worker that wakes up late may read it beside its
 *       successor; what it reads goes nowhere.
 *   <li>Room is taken before it is used, so that the bound holds exactly however many shards write
 *       at once. What a generation took and never used is given back when the next one opens.
 *   <li>Versions are never given twice, also not by the next process: a lane begins at the time of
 *       the start in milliseconds, shifted by 20 bits. A shard would have to make a million changes
 *       each millisecond to reach the beginning of a later start. The clock must not be set back
 *       between them.
 *   <li>Bytes are reckoned as those of key, value and media type, and {@value MemoryShard#OVERHEAD}
 *       for the objects that hold them, {@value MemoryShard#EXPIRY_OVERHEAD} more with a time to
 *       live.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class MemoryEngine implements StorageEngine {

  private static final int MILLIS_SHIFT = 20;
  private static final int UNDO_ATTEMPTS = 100;
  private static final long UNDO_PAUSE_NANOS = 1_000_000;

  private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
  private final NavigableMap<byte[], Key> order =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
  private final NavigableSet<Expiry> expiries = new ConcurrentSkipListSet<>();
  private final Map<Integer, MemoryShard> lanes = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private final byte[] secret = new byte[16];
  private final long maxBytes;
  private final Revision first;
  private volatile boolean damaged;

  MemoryEngine(long maxBytes, Instant start) {
    this.maxBytes = maxBytes;
    this.first = new Revision(start.toEpochMilli() << MILLIS_SHIFT);
    new SecureRandom().nextBytes(secret);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public ShardStore open(int shard, long generation) {
    return lane(shard).open(generation);
  }

  @Override
  public void raise(int target, int source) {
    lane(target).tenure().raise(lane(source).tenure().revision());
  }

  @Override
  public Revision revision(int shard) {
    return lane(shard).tenure().revision();
  }

  /** Nothing outlives the process. */
  @Override
  public Instant lastTime() {
    return Instant.EPOCH;
  }

  private MemoryShard lane(int shard) {
    return lanes.computeIfAbsent(shard, s -> new MemoryShard(s, this, first));
  }

  @Override
  public void submit(List<Part> parts) {
    MemoryShard.submit(parts, 0);
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    return (after == null ? expiries : expiries.tailSet(after, false))
        .stream().takeWhile(expiry -> !expiry.at().isAfter(now)).limit(limit).toList();
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    List<EntryMetadata> found = new ArrayList<>();
    int passed = 0;
    long held = 0;
    for (Key key : within(range).values()) {
      if (found.size() == limit || passed == MAX_PASSED || held >= ScanPage.MAX_HELD) {
        return new ScanPage(found, range.startingAt(key.utf8()));
      }
      passed++;
      Entry entry = entries.get(key);
      if (entry != null && !entry.expiredAt(now)) {
        EntryMetadata summary = EntryMetadata.of(entry);
        found.add(summary);
        held += summary.textBytes();
      }
    }
    return new ScanPage(found, null);
  }

  private NavigableMap<byte[], Key> within(KeyRange range) {
    byte[] to = range.to();
    return to == null
        ? order.tailMap(range.from(), true)
        : order.subMap(range.from(), true, to, false);
  }

  @Override
  public byte[] secret() {
    return secret;
  }

  @Override
  public boolean settlesAtOnce() {
    return true;
  }

  @Override
  public Usage usage() {
    return new Usage(entries.size(), bytes.get(), maxBytes);
  }

  @Override
  public Condition condition() {
    if (damaged) {
      return new Condition(
          Condition.State.READABLE, "a commit failed half-way and could not be undone; restart");
    }
    long used = bytes.get();
    return used < maxBytes
        ? Condition.WRITABLE
        : new Condition(
            Condition.State.FULL,
            "%d bytes of %d are taken (nebula.storage.memory.max-size)".formatted(used, maxBytes));
  }

  @Override
  public long corruptions() {
    return 0;
  }

  @Override
  public void close() {
    entries.clear();
    order.clear();
    expiries.clear();
  }

  @Nullable Entry get(Key key) {
    return entries.get(key);
  }

  /** Takes this much room, or none of it. */
  boolean take(long wanted) {
    if (bytes.addAndGet(wanted) <= maxBytes) {
      return true;
    }
    bytes.addAndGet(-wanted);
    return false;
  }

  void giveBack(long unused) {
    bytes.addAndGet(-unused);
  }

  /** Carries one change out and answers with what was there before. */
  @Nullable Entry apply(Change change) {
    Entry before =
        switch (change) {
          case Change.Put(Entry entry) -> put(entry);
          case Change.Delete delete -> remove(delete.key());
          case Change.Expire expire -> remove(expire.key());
        };
    if (before != null && before.expires() != null) {
      expiries.remove(new Expiry(before.expires(), before.key()));
    }
    if (change instanceof Change.Put(Entry entry) && entry.expires() != null) {
      expiries.add(new Expiry(entry.expires(), entry.key()));
    }
    return before;
  }

  /**
   * Undoes a write that was carried out, or begun: its key holds again what it held before. That
   * takes little or no memory; if even that is not there, it is tried again, and in the end the
   * engine says that it is damaged. Never throws.
   */
  void undo(Write write) {
    for (int attempt = 0; attempt < UNDO_ATTEMPTS; attempt++) {
      try {
        restore(write);
        return;
      } catch (Throwable e) {
        LockSupport.parkNanos(UNDO_PAUSE_NANOS);
      }
    }
    damaged = true;
  }

  private void restore(Write write) {
    Key key = write.change().key();
    Entry after = write.after();
    Entry before = write.before();
    if (after != null && after.expires() != null) {
      expiries.remove(new Expiry(after.expires(), key));
    }
    if (before == null) {
      order.remove(key.utf8());
      entries.remove(key);
      return;
    }
    entries.put(key, before);
    order.put(key.utf8(), key);
    if (before.expires() != null) {
      expiries.add(new Expiry(before.expires(), key));
    }
  }

  private @Nullable Entry put(Entry entry) {
    Entry before = entries.put(entry.key(), entry);
    if (before == null) {
      order.put(entry.key().utf8(), entry.key());
    }
    return before;
  }

  private @Nullable Entry remove(Key key) {
    order.remove(key.utf8());
    return entries.remove(key);
  }
}
