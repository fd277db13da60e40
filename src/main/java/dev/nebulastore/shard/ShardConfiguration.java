package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Execution;
import dev.nebulastore.time.StoreClock;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the registry of workers and the gateway to them. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ShardProperties.class)
class ShardConfiguration {

  /** Supervision must not take a quiesced worker for a stuck one. */
  @Bean
  Duration barrier(ShardProperties properties) {
    return properties.barrier();
  }

  @Bean
  Integer virtualPoints(ShardProperties properties) {
    return properties.virtualPoints();
  }

  /** Store time continues from the latest time that is stored, before any command is decided. */
  @Bean
  ShardEnvironment shardEnvironment(
      Execution execution,
      ShardProperties properties,
      StorageEngine engine,
      StoreClock time,
      List<ChangeListener> listeners) {
    time.advanceTo(engine.lastTime());
    return new ShardEnvironment(
        execution, properties, engine, time, new ChangeListeners(listeners));
  }

  /** Each worker is a bean of its own, created when its generation begins. */
  @Bean
  ShardRegistry shardRegistry(ShardEnvironment environment, ObjectProvider<ShardWorker> workers) {
    return new ShardRegistry(environment, workers::getObject);
  }

  @Bean
  CommandGateway commandGateway(ShardEnvironment environment, ShardRegistry registry) {
    return new CommandGateway(environment, registry);
  }
}
