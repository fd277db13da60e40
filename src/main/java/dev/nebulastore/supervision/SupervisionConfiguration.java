package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the supervisor, has the table tell it of deaths, and lets it look regularly. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SupervisionProperties.class)
class SupervisionConfiguration {

  @Bean
  Canary canary(SupervisionProperties properties) {
    return new Canary(
        Thread.ofVirtual().name("canary")::unstarted, Lookout.period(properties.interval()));
  }

  @Bean
  ShardSupervisor shardSupervisor(
      ShardWorkers workers,
      SupervisionProperties properties,
      @Qualifier("barrier") Duration barrier,
      Canary canary,
      List<ShardSupervisor.Listener> listeners) {
    if (barrier.compareTo(properties.stuckAfter()) >= 0) {
      throw new BarrierTooLong(barrier, properties.stuckAfter());
    }
    ShardSupervisor supervisor =
        new ShardSupervisor(
            workers, properties, System::nanoTime, canary, RandomGenerator.getDefault(), listeners);
    workers.addListener(supervisor);
    return supervisor;
  }

  @Bean
  Lookout lookout(ShardSupervisor supervisor, Canary canary, SupervisionProperties properties) {
    return new Lookout(supervisor::look, canary, properties.interval());
  }
}
