package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.Write;
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
 * The entries of all shards, the order of their keys, their expiries, and the memory that they
 * take.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>The map is hashed, since a search in the order costs a read or an overwrite more than all
 *       the rest of it in here; colliding keys don't hurt, as they are comparable. The order has
 *       every entry: a key joins it after its entry is there and leaves it before. It is by the
 *       keys' bytes, since a scan may begin at what is no key.
 *   <li>The map is concurrent, since a fenced worker that wakes up late may read it beside its
 *       successor; what it reads goes nowhere.
 *   <li>Room is reserved before it is used, so that the bound holds exactly however many shards
 *       write at once.
 * </ol>
 *
 * <p>Threads: safe for all. A key is changed by its shard alone.
 */
final class MemoryTable {

  private static final int UNDO_ATTEMPTS = 100;
  private static final long UNDO_PAUSE_NANOS = 1_000_000;

  private final Map<Key, Entry> entries = new ConcurrentHashMap<>();
  private final NavigableMap<byte[], Key> order =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
  private final NavigableSet<Expiry> expiries = new ConcurrentSkipListSet<>();
  private final AtomicLong bytes = new AtomicLong();
  private final long maxBytes;
  private volatile boolean damaged;

  /**
   * An empty table.
   *
   * @param maxBytes the memory for entries
   */
  MemoryTable(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The number of entries, expired ones included. */
  int size() {
    return entries.size();
  }

  /** The bytes that the entries take, reserved ones included. */
  long bytes() {
    return bytes.get();
  }

  long maxBytes() {
    return maxBytes;
  }

  /** Whether a commit failed halfway and could not be undone. */
  boolean isDamaged() {
    return damaged;
  }

  /** Entries whose time has come: see {@link StorageEngine#expired}. */
  List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    return (after == null ? expiries : expiries.tailSet(after, false))
        .stream().takeWhile(expiry -> !expiry.at().isAfter(now)).limit(limit).toList();
  }

  /** One bounded scan of the keys: see {@link StorageEngine#scan}. */
  ScanPage scan(KeyRange range, Instant now, int limit) {
    List<EntryMetadata> found = new ArrayList<>();
    int passed = 0;
    long held = 0;
    for (Key key : within(range).values()) {
      if (found.size() == limit
          || passed == StorageEngine.MAX_PASSED
          || held >= ScanPage.MAX_HELD) {
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

  void clear() {
    entries.clear();
    order.clear();
    expiries.clear();
  }

  /** All entries, in the order of their keys' bytes. */
  List<Entry> all() {
    List<Entry> all = new ArrayList<>(entries.size());
    for (Key key : order.values()) {
      Entry entry = entries.get(key);
      if (entry != null) {
        all.add(entry);
      }
    }
    return all;
  }

  @Nullable Entry get(Key key) {
    return entries.get(key);
  }

  /** How many bytes can be reserved. */
  long room() {
    return Math.max(0, maxBytes - bytes.get());
  }

  /** Reserves this many bytes, or none of them. */
  boolean reserve(long wanted) {
    if (bytes.addAndGet(wanted) <= maxBytes) {
      return true;
    }
    bytes.addAndGet(-wanted);
    return false;
  }

  void release(long unused) {
    bytes.addAndGet(-unused);
  }

  /** Applies a change, and returns the entry that it takes the place of. */
  @Nullable Entry apply(Change change) {
    Entry before =
        switch (change) {
          case Change.Written written -> put(written.entry());
          case Change.Delete delete -> remove(delete.key());
          case Change.Expire expire -> remove(expire.key());
        };
    if (before != null && before.expires() != null) {
      expiries.remove(new Expiry(before.expires(), before.key()));
    }
    Entry after = change.entry();
    if (after != null && after.expires() != null) {
      expiries.add(new Expiry(after.expires(), after.key()));
    }
    return before;
  }

  /**
   * Undoes a write that was applied, in whole or in part: its key holds again what it held before.
   * That takes little or no memory. If there is not even that, it is tried again; in the end the
   * table counts as damaged. Never throws.
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
