package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.EntryCodec.MalformedRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * One bounded scan of the entries. It is bounded by the number of entries that it finds and passes,
 * by the bytes that it reads, and by the deleted keys that it skips ({@link TombstoneBound}). It
 * copies only the head of each record.
 *
 * <p>Threads: immutable; {@link #through} may wait for the disk.
 */
record Scan(KeyRange range, Instant now, int limit) {

  /** The bytes of records that a scan passes at most; values may be large. */
  private static final long MAX_BYTES = 8 << 20;

  /** A scan for more entries is part of a long one, which must not fill the cache. */
  private static final int SHORT = 100;

  /** How often another moment is tried. */
  private static final int MOMENTS = 100;

  /**
   * Finds committed entries.
   *
   * @param inFlight the group that is being written, which RocksDB may show before it is committed
   */
  ScanPage through(OpenDatabase open, Supplier<CommitGroup> inFlight) throws RocksDBException {
    for (long skipped = TombstoneBound.SKIPPED; ; skipped = TombstoneBound.more(skipped)) {
      ScanPage seen = through(open, inFlight, skipped);
      KeyRange rest = seen.rest();
      if (rest == null || !seen.found().isEmpty() || !rest.equals(range)) {
        return seen;
      }
    }
  }

  private ScanPage through(OpenDatabase open, Supplier<CommitGroup> inFlight, long skipped)
      throws RocksDBException {
    byte[] to = range.to();
    try (Slice end = to == null ? null : new Slice(to);
        ReadOptions options = TombstoneBound.options(skipped).setFillCache(limit <= SHORT)) {
      if (end != null) {
        options.setIterateUpperBound(end);
      }
      for (int left = MOMENTS; ; left--) {
        CommitGroup begun = inFlight.get();
        try (RocksIterator iterator = open.db.newIterator(open.entries, options)) {
          // An iterator shows the moment at which it was made. The group in flight at that moment
          // knows what is not committed yet. If no group began or ended around that moment, the
          // writes of a group are seen together.
          CommitGroup now = inFlight.get();
          if (now == begun || left == 0) {
            return before(now, through(open, iterator));
          }
        }
      }
    }
  }

  /** What the scan would have found before a group was written. */
  private ScanPage before(CommitGroup group, ScanPage shown) {
    KeyRange rest = shown.rest();
    KeyRange seen = rest == null ? range : new KeyRange(range.from(), rest.from());
    if (group.before().keySet().stream().noneMatch(seen::contains)) {
      return shown;
    }
    NavigableMap<Key, EntryMetadata> found = new TreeMap<>();
    shown.found().forEach(summary -> found.put(summary.key(), summary));
    group
        .before()
        .forEach((key, before) -> {
          Entry entry = before.entry();
          if (!seen.contains(key)) {
            return;
          }
          if (entry == null || isExpired(entry.expires())) {
            found.remove(key);
          } else {
            found.put(key, EntryMetadata.of(entry));
          }
        });
    List<EntryMetadata> within = found.values().stream().limit(limit).toList();
    return found.size() <= limit
        ? new ScanPage(within, rest)
        : new ScanPage(within, range.startingAt(KeyRange.behind(within.getLast().key())));
  }

  private ScanPage through(OpenDatabase open, RocksIterator iterator) throws RocksDBException {
    List<EntryMetadata> found = new ArrayList<>();
    TombstoneBound bound = new TombstoneBound(open, open.entries, range.to());
    byte[] known = range.from();
    byte[] head = new byte[EntryCodec.HEAD];
    long bytes = 0;
    long held = 0;
    int passed = 0;
    for (iterator.seek(range.from()); iterator.isValid(); iterator.next()) {
      byte[] key = iterator.key();
      if (found.size() == limit
          || passed == StorageEngine.MAX_PASSED
          || bytes >= MAX_BYTES
          || held >= ScanPage.MAX_HELD
          || bound.isReached()) {
        return new ScanPage(found, range.startingAt(key));
      }
      int length = iterator.value(head);
      passed++;
      bytes += key.length + length;
      EntryMetadata summary = summary(key, head, length, iterator);
      if (!isExpired(summary.expires())) {
        found.add(summary);
        held += summary.textBytes();
      }
      known = key;
    }
    byte[] rest = bound.end(iterator, passed == 0 ? known : Arrays.copyOf(known, known.length + 1));
    return new ScanPage(found, rest == null ? null : range.startingAt(rest));
  }

  private static EntryMetadata summary(byte[] key, byte[] head, int length, RocksIterator iterator)
      throws RocksDBException {
    try {
      Key valid = Key.ofUtf8(key);
      try {
        ByteBuffer record = ByteBuffer.wrap(head, 0, Math.min(length, head.length));
        return EntryCodec.summary(valid, record, length);
      } catch (MalformedRecord e) {
        // Of a media type that is longer than the head; or it is truly damaged.
        return EntryCodec.summary(valid, ByteBuffer.wrap(iterator.value()), length);
      }
    } catch (InvalidKey e) {
      throw new MalformedRecord(e.getMessage());
    }
  }

  private boolean isExpired(@Nullable Instant expires) {
    return expires != null && !now.isBefore(expires);
  }
}
