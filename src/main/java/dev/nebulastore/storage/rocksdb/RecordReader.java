package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.storage.Lookup;
import org.jspecify.annotations.Nullable;
import org.rocksdb.KeyMayExist;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Reads the record of a key. RocksDB copies as much of it as there is room for and says how long it
 * is: so a small record is read at once, and what a large one takes is known, and reserved, before
 * it is paid (invariant 13).
 *
 * @param buffer what the beginning of a record is read into
 * @param budget pays for a large value; null if large values are not to be read
 */
record RecordReader(RecordBuffer buffer, @Nullable ContentBudget budget) {

  /** The record as RocksDB gives it, and the value that is copied out of it. */
  private static final int COPIES = 2;

  private static final ThreadLocal<RecordBuffer> OF_THREAD =
      ThreadLocal.withInitial(RecordBuffer::new);

  /** With the buffer of the current thread, which is one of the few that wait for the disk. */
  static RecordReader with(@Nullable ContentBudget budget) {
    return new RecordReader(OF_THREAD.get(), budget);
  }

  /**
   * What stands under the key. Where only memory is asked, and there are many keys, most look-ups
   * end without an answer, and to get one by an exception costs more than the look-up itself: so
   * whether there may be one is asked for first. A no also stands for failures, so it is not relied
   * on; and an empty value, which no record is, means that a part of an index or a filter is not in
   * memory.
   */
  @SuppressWarnings("ReferenceEquality")
  Lookup find(OpenDatabase open, ReadOptions where, Key key) throws RocksDBException {
    if (where != open.inMemory) {
      return read(open, where, key);
    }
    KeyMayExist answer = buffer.probe(open, where, key);
    return switch (answer.exists) {
      case kNotExist -> read(open, where, key);
      case kExistsWithoutValue -> Lookup.OnDisk.INSTANCE;
      case kExistsWithValue ->
          answer.valueLength == 0
              ? Lookup.OnDisk.INSTANCE
              : record(open, where, key, answer.valueLength);
    };
  }

  /** What stands under the key, where it has to be found out. */
  Lookup read(OpenDatabase open, ReadOptions where, Key key) throws RocksDBException {
    int length = open.db.get(open.entries, where, key.utf8(), buffer.head());
    return length == RocksDB.NOT_FOUND ? Lookup.NOTHING : record(open, where, key, length);
  }

  /** With its beginning in the buffer. */
  private Lookup record(OpenDatabase open, ReadOptions where, Key key, int length)
      throws RocksDBException {
    byte[] head = buffer.head();
    if (length <= head.length) {
      return new Lookup.Known(EntryCodec.decode(key, head, length));
    }
    return budget == null
        ? new Lookup.Known(EntryCodec.decodeHead(key, head, length))
        : large(open, where, key, length, budget);
  }

  /** It may have been written anew since its length was read. */
  private static Lookup large(
      OpenDatabase open, ReadOptions where, Key key, int expected, ContentBudget budget)
      throws RocksDBException {
    for (int length = expected; ; ) {
      if (!budget.reserve(length, COPIES)) {
        return new Lookup.Failed(new NoMemory());
      }
      Entry entry = null;
      int actual = RocksDB.NOT_FOUND;
      boolean kept = false;
      try {
        byte[] record = new byte[length];
        actual = open.db.get(open.entries, where, key.utf8(), record);
        if (actual != RocksDB.NOT_FOUND && actual <= length) {
          entry = EntryCodec.decode(key, record, actual);
        }
      } finally {
        kept = budget.keep(length, COPIES, entry == null ? 0 : 1);
      }
      if (actual == RocksDB.NOT_FOUND) {
        return Lookup.NOTHING;
      }
      if (entry != null) {
        return kept ? new Lookup.Known(entry) : new Lookup.Failed(new NoMemory());
      }
      length = actual;
    }
  }
}
