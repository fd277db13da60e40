package dev.nebulastore.router;

import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Makes the router over the ring of all shards, and the sweep of what has expired. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableConfigurationProperties({RouterProperties.class, ExpiryProperties.class})
class RouterConfiguration {

  @Bean
  ShardRouter shardRouter(
      RouterProperties properties, ShardWorkers workers, ShardRouter.Listener listener) {
    HashRing ring = HashRing.ofShards(workers.shards().size(), properties.virtualPoints());
    return new ShardRouter(workers, ring, listener);
  }

  @Bean
  ExpirySweeper expirySweeper(
      ShardWorkers workers, ShardRouter router, ExpiryProperties properties) {
    return new ExpirySweeper(workers, router, properties.step());
  }

  @Bean
  Duration expiryInterval(ExpiryProperties properties) {
    return properties.interval();
  }
}
