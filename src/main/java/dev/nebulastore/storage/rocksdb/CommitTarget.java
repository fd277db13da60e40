package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * What a {@link Committer} writes to: the {@link Database}, or the disk of a simulation. All but
 * {@link #damage}, {@link #stopCompacting} and {@link #isOpen} may wait for the disk.
 */
interface CommitTarget extends Numbers.Source {

  /**
   * Writes a group and the numbers after it, all or nothing. If it fails, readers see nothing of
   * the group, at least until {@link #reopen}.
   */
  void commit(boolean sync, CommitGroup group, Numbers.Update numbers) throws RocksDBException;

  /** Syncs what was written without a sync. */
  void sync() throws RocksDBException;

  /** The damage that a compaction has met; null if there is none. */
  @Nullable String damage();

  /** Disables compactions from the next {@link #reopen} on, since one has met damage. */
  void stopCompacting(String damage);

  /** Makes sure that there are enough file descriptors to open it again. */
  void requireDescriptors() throws IOException;

  /** Closes it and opens it again. If that fails, it is opened for reading, if possible. */
  void reopen() throws RocksDBException;

  /** Whether it can be read, at least. */
  boolean isOpen();
}
