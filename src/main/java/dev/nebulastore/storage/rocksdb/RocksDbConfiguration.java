package dev.nebulastore.storage.rocksdb;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the durable engine, unless another one is chosen. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(
    name = "nebula.storage.engine",
    havingValue = "rocksdb",
    matchIfMissing = true)
@EnableConfigurationProperties({DirectoryProperties.class, RocksDbProperties.class})
class RocksDbConfiguration {

  @Bean
  RocksDbEngine storageEngine(DirectoryProperties directories, RocksDbProperties properties) {
    return Opening.open(directories.directory(), properties);
  }
}
