@NullMarked
package dev.nebulastore.storage.rocksdb.directory;

import org.jspecify.annotations.NullMarked;
