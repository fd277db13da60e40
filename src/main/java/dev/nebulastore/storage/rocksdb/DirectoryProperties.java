package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the durable engine keeps its files.
 *
 * @param directory the data directory, created if missing
 * @param backupDirectory the directory for backups, one subdirectory each; best on another disk
 */
@ConfigurationProperties("nebula.storage")
record DirectoryProperties(
    @DefaultValue("./data") Path directory, @DefaultValue("./backups") Path backupDirectory) {}
