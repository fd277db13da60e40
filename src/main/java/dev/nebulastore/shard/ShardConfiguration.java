package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.StoreClock;
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
  StoreClock time() {
    return new MonotonicClock(InstantSource.system(), System::nanoTime);
  }

  /** For which supervision must have patience. */
  @Bean
  Duration barrier(ShardProperties properties) {
    return properties.barrier();
  }

  /**
   * Each worker is a bean of its own, made when its generation begins. None decides at a time that
   * is earlier than what is stored.
   */
  @Bean
  ShardWorkers shardWorkers(
      ShardProperties properties,
      StorageEngine engine,
      StoreClock time,
      List<ChangeListener> listeners,
      ObjectProvider<ShardWorker> workers) {
    time.advanceTo(engine.lastTime());
    return new ShardWorkers(
        properties, engine, time, new ChangeListeners(listeners), workers::getObject);
  }
}
