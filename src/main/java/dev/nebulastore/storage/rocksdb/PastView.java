package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Lookup;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * The database as it was before a group: a snapshot, so that the values which the group replaces
 * need not be kept in memory until it is safe. It is released by the last of those who use it.
 *
 * <p>Threads: safe for all, within the time for which the database is open.
 */
final class PastView implements AutoCloseable {

  private final OpenDatabase open;
  private final Snapshot snapshot;

  /** Who made it counts as one. */
  private final AtomicInteger users = new AtomicInteger(1);

  PastView(OpenDatabase open) {
    this.open = open;
    this.snapshot = open.db.getSnapshot();
  }

  /** What stood under the key; null if the group is safe by now, and this view is closed. */
  @Nullable Lookup read(ReadOptions where, Key key, RecordReader reader) throws RocksDBException {
    if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      return null;
    }
    try (ReadOptions then = new ReadOptions(where).setSnapshot(snapshot)) {
      return reader.read(open, then, key);
    } finally {
      close();
    }
  }

  /** By who made it, once, when nobody new may look. */
  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      open.db.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }
}
