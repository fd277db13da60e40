package dev.nebulastore.storage;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The storage engine and its directories.
 *
 * @param engine the storage engine: rocksdb keeps entries on disk; memory loses them when the
 *     process ends
 * @param directory the data directory of rocksdb, created if missing
 * @param backupDirectory the directory for backups, one subdirectory each; best on another disk
 */
@Validated
@ConfigurationProperties(StorageProperties.PREFIX)
record StorageProperties(
    @DefaultValue("rocksdb") Engine engine,
    @DefaultValue("./data") Path directory,
    @DefaultValue("./backups") Path backupDirectory) {

  static final String PREFIX = "nebula.storage";

  /** The engines to choose from. */
  enum Engine {
    /** RocksDB, on disk. */
    ROCKSDB,
    /** A map on the heap. */
    MEMORY
  }
}
