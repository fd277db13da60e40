package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.Write;
import java.nio.charset.StandardCharsets;
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
 * The batches that are written at one go and share one sync.
 *
 * <p>Threads: confined to the committer's until it is written; from then on nobody changes it.
 */
final class CommitGroup {

  /** A batch on its way. */
  record Member(RocksDbShard lane, Batch batch) {}

  /** The number of entries, exact: it is written with every group. */
  static final byte[] ENTRIES = name("entries");

  /**
   * No revision above it was ever given. It is raised in steps, with the group that passes it and
   * synced whatever is set, so that it is ahead of all that was written after a power cut, too.
   */
  static final byte[] REVISIONS = name("revisions");

  /**
   * The latest time at which a change was decided, written with the group of the change: see {@link
   * StorageEngine#lastTime}.
   */
  static final byte[] TIME = name("time");

  private static final byte[] NONE = {};
  private static final int MAX_WRITES = 4_096;

  /** What a write takes beside its bytes, about. */
  private static final int OVERHEAD = 200;

  private static final long MAX_BYTES = 8 * 1_024 * 1_024;

  private final List<Member> members = new ArrayList<>();
  private int settled;
  private boolean written;
  private final Map<Key, Lookup.Known> before = new HashMap<>();
  private int writes;
  private long bytes;
  private long growth;
  private long lastRevision;
  private long lastTime;
  private Instant soonest = Instant.MAX;
  private boolean replacesLarge;
  private @Nullable PastView past;

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes all of them, or none if it throws; they are to be {@link #prepare}d then. */
  void take(List<Member> together) {
    members.addAll(together);
  }

  /** Prepares to write those that were taken. */
  void prepare(List<Member> taken) {
    taken.forEach(this::prepare);
  }

  private void prepare(Member member) {
    for (Write write : member.batch().writes()) {
      Entry after = write.after();
      Entry replaced = write.before();
      before.putIfAbsent(write.change().key(), new Lookup.Known(replaced));
      replacesLarge |= replaced != null && !replaced.value().isRead();
      writes++;
      bytes += OVERHEAD + write.change().key().utf8().length + heldBy(replaced) + heldBy(after);
      growth += (after == null ? 0 : 1) - (write.before() == null ? 0 : 1);
      lastRevision = Math.max(lastRevision, write.change().revision().number());
      lastTime = Math.max(lastTime, write.change().at().toEpochMilli());
      if (after != null && after.expires() != null && after.expires().isBefore(soonest)) {
        soonest = after.expires();
      }
    }
  }

  private static int heldBy(@Nullable Entry entry) {
    return entry == null || !entry.value().isRead() ? 0 : entry.value().size();
  }

  boolean isFull() {
    return writes >= MAX_WRITES || bytes >= MAX_BYTES;
  }

  /** Whether there is nothing to write, only to settle. */
  boolean isEmpty() {
    return writes == 0;
  }

  List<Member> members() {
    return members;
  }

  /** It is safe: whatever happens from now on, its members are committed. */
  void isWritten() {
    written = true;
  }

  boolean wasWritten() {
    return written;
  }

  /** The next of its members that was not told what became of it; null if all were. */
  @Nullable Member unsettled() {
    return settled == members.size() ? null : members.get(settled);
  }

  /** That member is being told, and is not told again. */
  void settle() {
    settled++;
  }

  /** What each of its keys held before it. */
  Map<Key, Lookup.Known> before() {
    return before;
  }

  /** Before it is written: large values that it replaces are not in {@link #before}. */
  void keepPast(OpenDatabase open) {
    if (replacesLarge) {
      past = new PastView(open);
    }
  }

  /**
   * What a key of this group held before it.
   *
   * @return null if it is safe by now
   */
  @Nullable Lookup before(ReadOptions where, Key key, RecordReader reader) throws RocksDBException {
    Lookup.Known known = before.get(key);
    Entry entry = known == null ? null : known.entry();
    return entry == null || entry.value().isRead() || reader.budget() == null || past == null
        ? known
        : past.read(where, key, reader);
  }

  /** It is safe, or was lost; the database is still open. */
  void dropPast() {
    if (past != null) {
      past.close();
    }
  }

  /** By how many entries the store grows. */
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

  /** When the first of what it writes expires; the far future if nothing does. */
  Instant soonest() {
    return soonest;
  }

  void fill(WriteBatch batch, OpenDatabase open) throws RocksDBException {
    for (Member member : members) {
      for (Write write : member.batch().writes()) {
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
