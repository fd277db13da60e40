package dev.nebulastore.router;

import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
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
  HashRing firstRing(RouterProperties properties, ShardWorkers workers) {
    return HashRing.ofShards(workers.shards().size(), properties.virtualPoints());
  }

  @Bean
  ShardRouter shardRouter(ShardWorkers workers, HashRing firstRing, ShardRouter.Listener listener) {
    return new ShardRouter(workers, firstRing, listener);
  }

  @Bean
  Resizer resizer(ShardWorkers workers, HashRing firstRing, Resizer.Listener listener) {
    return new Resizer(
        workers,
        firstRing,
        listener,
        task -> Thread.ofVirtual().name("resizer").start(task),
        LockSupport::parkNanos,
        System::nanoTime);
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
