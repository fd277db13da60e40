@NullMarked
package dev.nebulastore.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
