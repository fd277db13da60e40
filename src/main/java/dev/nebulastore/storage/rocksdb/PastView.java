package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Lookup;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * The database as it was before a group was written. It is a snapshot, so that the large values
 * that the group replaces need not be kept in memory until the group is committed. The last user
 * releases it.
 *
 * <p>Threads: safe for all, while the database is open.
 */
final class PastView implements AutoCloseable {

  private final OpenDatabase open;
  private final Snapshot snapshot;

  /** The maker counts as one. */
  private final AtomicInteger users = new AtomicInteger(1);

  PastView(OpenDatabase open) {
    this.open = open;
    this.snapshot = open.db.getSnapshot();
  }

  /** What the key held; null if the group is committed by now, and this view is closed. */
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

  /** Called once by the maker: no new reads begin. */
  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      open.db.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }
}
