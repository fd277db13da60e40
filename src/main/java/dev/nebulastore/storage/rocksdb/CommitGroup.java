package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The batches that are written as one, with one sync.
 *
 * <p>Threads: confined to the committer's until it is written; from then on it is immutable.
 */
final class CommitGroup {

  private static final byte[] NONE = {};
  private static final int MAX_WRITES = 4_096;

  /** What a write takes in addition to its bytes, approximately. */
  private static final int OVERHEAD = 200;

  private static final long MAX_BYTES = 8 * 1_024 * 1_024;

  private final List<AcceptedBatch> batches = new ArrayList<>();
  private int settled;
  private boolean written;
  private final Map<Key, Lookup.Known> before = new HashMap<>();
  private int writes;
  private long bytes;
  private long growth;
  private long lastRevision;
  private long lastTime;
  private Instant earliestExpiry = Instant.MAX;
  private boolean replacesLarge;
  private @Nullable PastView past;

  /** Takes all of these batches, or none if it throws; {@link #prepare} comes next. */
  void take(List<AcceptedBatch> together) {
    batches.addAll(together);
  }

  /** Prepares the batches that were taken. */
  void prepare(List<AcceptedBatch> taken) {
    taken.forEach(this::prepare);
  }

  private void prepare(AcceptedBatch accepted) {
    for (Write write : accepted.batch().writes()) {
      Entry after = write.after();
      Entry replaced = write.before();
      before.putIfAbsent(write.change().key(), new Lookup.Known(replaced));
      replacesLarge |= replaced != null && !replaced.value().isRead();
      writes++;
      bytes += OVERHEAD + write.change().key().utf8().length + heldBy(replaced) + heldBy(after);
      growth += (after == null ? 0 : 1) - (write.before() == null ? 0 : 1);
      lastRevision = Math.max(lastRevision, write.change().revision().number());
      lastTime = Math.max(lastTime, write.change().at().toEpochMilli());
      if (after != null && after.expires() != null && after.expires().isBefore(earliestExpiry)) {
        earliestExpiry = after.expires();
      }
    }
  }

  private static int heldBy(@Nullable Entry entry) {
    return entry == null || !entry.value().isRead() ? 0 : entry.value().size();
  }

  boolean isFull() {
    return writes >= MAX_WRITES || bytes >= MAX_BYTES;
  }

  /** Whether nothing is to be written, only settled. */
  boolean isEmpty() {
    return writes == 0;
  }

  List<AcceptedBatch> batches() {
    return batches;
  }

  /** The group is written and synced: whatever happens from now on, its batches are committed. */
  void isWritten() {
    written = true;
  }

  boolean wasWritten() {
    return written;
  }

  /** The next batch that was not settled; null if all are. */
  @Nullable AcceptedBatch unsettled() {
    return settled == batches.size() ? null : batches.get(settled);
  }

  /** The next batch counts as settled, so that it is not settled twice. */
  void settle() {
    settled++;
  }

  /** What each key of the group held before it. */
  Map<Key, Lookup.Known> before() {
    return before;
  }

  /** Called before the group is written, as {@link #before} has no large values. */
  void keepPast(OpenDatabase open) {
    if (replacesLarge) {
      past = new PastView(open);
    }
  }

  /**
   * What a key of this group held before it.
   *
   * @return null if the group is committed by now
   */
  @Nullable Lookup before(ReadOptions where, Key key, RecordReader reader) throws RocksDBException {
    Lookup.Known known = before.get(key);
    Entry entry = known == null ? null : known.entry();
    return entry == null || entry.value().isRead() || reader.budget() == null || past == null
        ? known
        : past.read(where, key, reader);
  }

  /** Called when the group is committed or lost, while the database is still open. */
  void dropPast() {
    if (past != null) {
      past.close();
    }
  }

  /** By how many entries the group makes the store grow. */
  long growth() {
    return growth;
  }

  /** The greatest revision; 0 if there is none. */
  long lastRevision() {
    return lastRevision;
  }

  /** The latest time at which one of its changes was decided, in ms; 0 if there is none. */
  long lastTime() {
    return lastTime;
  }

  /** The earliest expiry that the group writes; the far future if there is none. */
  Instant earliestExpiry() {
    return earliestExpiry;
  }

  void fill(WriteBatch batch, OpenDatabase open) throws RocksDBException {
    for (AcceptedBatch accepted : batches) {
      for (Write write : accepted.batch().writes()) {
        fill(batch, open, write);
      }
    }
  }

  private static void fill(WriteBatch batch, OpenDatabase open, Write write)
      throws RocksDBException {
    byte[] key = write.change().key().utf8();
    Entry after = write.after();
    if (after == null) {
      batch.delete(open.entries, key);
    } else {
      batch.put(open.entries, key, EntryCodec.encode(after));
    }
    Expiry was = EntryCodec.expiryOf(write.before());
    Expiry is = EntryCodec.expiryOf(after);
    if (was != null && !was.equals(is)) {
      batch.delete(open.expiries, EntryCodec.encode(was));
    }
    if (is != null && !Objects.equals(was, is)) {
      batch.put(open.expiries, EntryCodec.encode(is), NONE);
    }
  }
}
