/**
 * The files of a data directory beside the database: who holds it, how it is described, how much
 * space is left on its disk.
 */
@NullMarked
package dev.nebulastore.storage.rocksdb.directory;

import org.jspecify.annotations.NullMarked;
