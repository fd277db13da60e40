package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.KeyMayExist;
import org.rocksdb.ReadOptions;

/**
 * A reusable buffer for the beginning of a record, which is mostly all of it.
 *
 * <p>Threads: confined to one at a time.
 */
final class RecordBuffer {

  private final byte[] head = new byte[EntryCodec.SMALL_RECORD];

  // Direct buffers, as RocksDB's probe needs them; allocated on first use.
  private @Nullable ByteBuffer keyBuffer;
  private @Nullable ByteBuffer valueBuffer;

  /** The first bytes of the record that was read last. */
  byte[] head() {
    return head;
  }

  /** Asks whether there may be a record, and reads its first bytes if they are in memory. */
  KeyMayExist probe(OpenDatabase open, ReadOptions where, Key key) {
    ByteBuffer utf8 = keyBuffer;
    ByteBuffer value = valueBuffer;
    if (utf8 == null || value == null) {
      utf8 = ByteBuffer.allocateDirect(Key.MAX_BYTES);
      value = ByteBuffer.allocateDirect(head.length);
      keyBuffer = utf8;
      valueBuffer = value;
    }
    utf8.clear().put(key.utf8()).flip();
    value.clear();
    KeyMayExist answer = open.db.keyMayExist(open.entries, where, utf8, value);
    value.clear().get(head, 0, Math.min(head.length, answer.valueLength));
    return answer;
  }
}
