package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;

/**
 * What can't be the end of a log.
 *
 * @param offset where the damaged batch begins
 * @param what what was found, as the end of a sentence
 */
record WalDamage(Path file, long offset, String what) {}
