package dev.nebulastore.storage.rocksdb;

import org.rocksdb.RocksDBException;

/** Where calls that wait for the disk run: on a thread of their own, or in a simulation. */
interface DiskCalls extends AutoCloseable {

  /** What may wait for the disk. */
  interface DiskCall {
    void call() throws RocksDBException;
  }

  /** Runs a call, and returns when it has ended. */
  void call(DiskCall call) throws RocksDBException;

  @Override
  void close();
}
