package dev.nebulastore.storage.rocksdb;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the durable engine keeps its files.
 *
 * @param directory the folder of the entries; made if it is not there
 * @param backupDirectory the folder that backups are made in, each in one of its own; best on
 *     another disk
 */
@ConfigurationProperties("nebula.storage")
record DirectoryProperties(
    @DefaultValue("./data") Path directory, @DefaultValue("./backups") Path backupDirectory) {}
