package dev.nebulastore.storage.rocksdb;

import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the durable engine and its backups, unless another one is chosen. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(
    name = "nebula.storage.engine",
    havingValue = "rocksdb",
    matchIfMissing = true)
@EnableConfigurationProperties({DirectoryProperties.class, RocksDbProperties.class})
class RocksDbConfiguration {

  @Bean
  RocksDbEngine storageEngine(
      DirectoryProperties directories, RocksDbProperties properties, InstantSource time) {
    BackupFolder.requireApart(directories.backupDirectory(), directories.directory());
    return EngineOpener.open(directories.directory(), properties, time.instant());
  }

  @Bean
  BackupFolder backups(DirectoryProperties directories, RocksDbEngine engine, InstantSource time) {
    return new BackupFolder(directories.backupDirectory(), engine, time);
  }
}
