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
 * Reads the record of a key. RocksDB copies as much of it as fits into the buffer, and returns its
 * length. So a small record is read at once, and the memory for a large one is reserved before it
 * is allocated (invariant 13).
 *
 * @param buffer receives the beginning of the record
 * @param budget reserves memory for a large value; null if large values are not to be read
 */
record RecordReader(RecordBuffer buffer, @Nullable ContentBudget budget) {

  /** The record as RocksDB returns it, and the value that is copied out of it. */
  private static final int COPIES = 2;

  private static final ThreadLocal<RecordBuffer> OF_THREAD =
      ThreadLocal.withInitial(RecordBuffer::new);

  /** Uses the buffer of the current thread, which is one of the few that wait for the disk. */
  static RecordReader with(@Nullable ContentBudget budget) {
    return new RecordReader(OF_THREAD.get(), budget);
  }

  /**
   * The entry under a key. If only memory is read and there are many keys, most look-ups end
   * without an answer. RocksDB reports that by an exception, which costs more than the look-up. So
   * it is asked first whether the key may exist. "No" may also mean a failure, so it is not relied
   * on. An empty value, which no record has, means that a part of an index or a filter is not in
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

  /** The entry under a key, by a real read. */
  Lookup read(OpenDatabase open, ReadOptions where, Key key) throws RocksDBException {
    int length = open.db.get(open.entries, where, key.utf8(), buffer.head());
    return length == RocksDB.NOT_FOUND ? Lookup.NOTHING : record(open, where, key, length);
  }

  /** The entry of a record whose beginning is in the buffer. */
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

  /** The record may have been overwritten since its length was read. */
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
