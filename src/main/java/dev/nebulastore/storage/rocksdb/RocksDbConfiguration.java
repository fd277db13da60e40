package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.directory.BackupFolder;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Qualifier;
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
@EnableConfigurationProperties(RocksDbProperties.class)
class RocksDbConfiguration {

  @Bean
  RocksDbEngine storageEngine(
      @Qualifier("dataDirectory") Path data,
      @Qualifier("backupDirectory") Path backups,
      RocksDbProperties properties,
      InstantSource time) {
    BackupFolder.requireApart(backups, data);
    return EngineOpener.open(data, properties, time.instant());
  }

  @Bean
  BackupFolder backups(
      @Qualifier("backupDirectory") Path directory, RocksDbEngine engine, InstantSource time) {
    return new BackupFolder(directory, engine, time);
  }
}
