@NullMarked
package dev.nebulastore.storage.rocksdb.wal;

import org.jspecify.annotations.NullMarked;
