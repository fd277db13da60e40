/** Keeps entries on disk in RocksDB: what is committed survives the process and the machine. */
@NullMarked
package dev.nebulastore.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
