package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Lookup;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/**
 * What is committed, as readers see it. RocksDB shows a group as soon as it is written, before its
 * sync has returned. Until then, readers see what each of its keys held before.
 *
 * <p>States: no group ──{@link #begin}──▶ a group is in flight ──{@link #commit}──▶ no group. A
 * group that failed stays in flight until the database is closed ({@link #drop}): only after it is
 * reopened is it known whether the group was written.
 *
 * <p>Threads: read by all; {@link #begin} and {@link #commit} are confined to the thread that
 * writes, {@link #drop} to the one that closes the database.
 */
final class CommittedView {

  /** Nothing is ever added to it. */
  private static final CommitGroup NONE = new CommitGroup();

  private volatile CommitGroup inFlight = NONE;

  /**
   * What is committed under a key. RocksDB is asked first, then the group in flight: what RocksDB
   * showed too early is in flight, or committed by then. A key that is in flight to begin with is
   * looked up as it was before, so that a large value is not read twice.
   */
  Lookup find(OpenDatabase open, ReadOptions where, Key key, RecordReader reader)
      throws RocksDBException {
    while (true) {
      CommitGroup group = inFlight;
      if (group.before().containsKey(key)) {
        Lookup before = group.before(where, key, reader);
        if (before != null) {
          return before;
        }
      } else {
        Lookup found = reader.find(open, where, key);
        if (!inFlight.before().containsKey(key)) {
          return found;
        }
      }
    }
  }

  /** One bounded scan of what is committed. */
  ScanPage scan(OpenDatabase open, Scan scan) throws RocksDBException {
    return scan.through(open, () -> inFlight);
  }

  /** From now on, readers see what the keys of this group held before it. */
  void begin(OpenDatabase open, CommitGroup group) {
    group.keepPast(open);
    inFlight = group;
  }

  /** The group is committed: readers see it. */
  void commit(CommitGroup group) {
    inFlight = NONE;
    group.dropPast();
  }

  /** Forgets the group in flight, while the database that it was written to is still open. */
  void drop() {
    CommitGroup lost = inFlight;
    inFlight = NONE;
    lost.dropPast();
  }
}
