package dev.nebulastore.router;

import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.CommandGateway;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * Defines the router over the ring of all shards, the resizer, and the sweep of expired entries.
 */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableConfigurationProperties(ExpiryProperties.class)
class RouterConfiguration {

  @Bean
  HashRing firstRing(@Qualifier("virtualPoints") int virtualPoints, ShardRegistry registry) {
    return HashRing.ofShards(registry.shards().size(), virtualPoints);
  }

  @Bean
  ShardRouter shardRouter(
      ShardRegistry registry,
      CommandGateway gateway,
      HashRing firstRing,
      ShardRouter.Listener listener) {
    return new ShardRouter(registry, gateway, firstRing, listener);
  }

  @Bean
  Resizer resizer(
      ShardRegistry registry, HashRing firstRing, Resizer.Listener listener, Execution execution) {
    return new Resizer(
        registry,
        firstRing,
        listener,
        task -> execution.virtualThread("resizer", task).start(),
        execution);
  }

  @Bean
  ExpirySweeper expirySweeper(
      CommandGateway gateway, ShardRouter router, ExpiryProperties properties) {
    return new ExpirySweeper(gateway, router, properties.step());
  }

  @Bean
  Duration expiryInterval(ExpiryProperties properties) {
    return properties.interval();
  }
}
