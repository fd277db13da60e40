package dev.nebulastore.storage;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where entries are kept.
 *
 * @param engine the storage engine: memory, whose entries are gone when the process ends
 * @param directory the folder of a durable engine; the memory engine writes nothing there
 */
@ConfigurationProperties(StorageProperties.PREFIX)
record StorageProperties(
    @DefaultValue("memory") Engine engine, @DefaultValue("./data") Path directory) {

  static final String PREFIX = "nebula.storage";

  /** The engines to choose from. */
  enum Engine {
    /** A sorted map on the heap. */
    MEMORY
  }
}
