package dev.nebulastore.storage;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where entries are kept.
 *
 * @param engine the storage engine: rocksdb keeps entries on disk; memory loses them when the
 *     process ends
 */
@ConfigurationProperties(StorageProperties.PREFIX)
record StorageProperties(@DefaultValue("rocksdb") Engine engine) {

  static final String PREFIX = "nebula.storage";

  /** The engines to choose from. */
  enum Engine {
    /** RocksDB, on disk. */
    ROCKSDB,
    /** A map on the heap. */
    MEMORY
  }
}
