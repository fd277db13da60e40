package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the table, and the time that all decisions are taken at. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ShardProperties.class)
class ShardConfiguration {

  @Bean
  InstantSource time() {
    return new ForwardTime(InstantSource.system());
  }

  /** For which supervision must have patience. */
  @Bean
  Duration barrier(ShardProperties properties) {
    return properties.barrier();
  }

  /** Each worker is a bean of its own, made when its generation begins. */
  @Bean
  ShardWorkers shardWorkers(
      ShardProperties properties,
      StorageEngine engine,
      InstantSource time,
      List<ChangeListener> listeners,
      ObjectProvider<ShardWorker> workers) {
    return new ShardWorkers(
        properties, engine, time, new ChangeListeners(listeners), workers::getObject);
  }
}
