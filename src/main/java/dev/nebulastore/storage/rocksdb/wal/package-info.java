/** Checks RocksDB's write-ahead log before RocksDB opens it, and salvages a damaged one. */
@NullMarked
package dev.nebulastore.storage.rocksdb.wal;

import org.jspecify.annotations.NullMarked;
