package dev.nebulastore.storage.rocksdb.wal;

import java.nio.file.Path;

/**
 * What can't be the end of a log.
 *
 * @param offset where the damaged batch begins
 * @param what what was found, as the end of a sentence
 */
public record WalDamage(Path file, long offset, String what) {}
