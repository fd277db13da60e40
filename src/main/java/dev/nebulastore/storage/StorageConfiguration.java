package dev.nebulastore.storage;

import java.nio.file.Path;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Binds {@link StorageProperties}; each engine's own room makes the engine. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StorageProperties.class)
class StorageConfiguration {

  /** Binds early, so that a wrong engine is reported as such and not as a missing bean. */
  @Bean
  static BeanFactoryPostProcessor knownEngine(Environment environment) {
    return beans ->
        Binder.get(environment).bindOrCreate(StorageProperties.PREFIX, StorageProperties.class);
  }

  @Bean
  Path dataDirectory(StorageProperties properties) {
    return properties.directory();
  }

  @Bean
  Path backupDirectory(StorageProperties properties) {
    return properties.backupDirectory();
  }
}
