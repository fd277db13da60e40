package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;

/** The free space of a disk, as writes are accepted by it. Its text says why puts are refused. */
public interface FreeSpace {

  /** Whether puts are refused. */
  boolean isLow();

  /** Measures again, unless that was just done. */
  void look();

  /** Frees what was reserved, after a write has failed because the disk is full. */
  void spendReserve();

  /** Finds out whether the disk takes a file and its sync. */
  void probe() throws IOException;
}
