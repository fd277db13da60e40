package dev.nebulastore.storage.memory;

import dev.nebulastore.storage.StorageEngine;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the memory engine when it is chosen. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "nebula.storage.engine", havingValue = "memory")
@EnableConfigurationProperties(MemoryProperties.class)
class MemoryConfiguration {

  @Bean
  StorageEngine storageEngine(MemoryProperties properties, InstantSource time) {
    return new MemoryEngine(properties.maxSizeOrDefault().toBytes(), time.instant());
  }
}
