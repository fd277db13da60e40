package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardWorkers;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the supervisor, has the table tell it of deaths, and lets it look regularly. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SupervisionProperties.class)
class SupervisionConfiguration {

  @Bean
  ShardSupervisor shardSupervisor(
      ShardWorkers workers,
      SupervisionProperties properties,
      List<ShardSupervisor.Listener> listeners) {
    ShardSupervisor supervisor =
        new ShardSupervisor(
            workers, properties, System::nanoTime, RandomGenerator.getDefault(), listeners);
    workers.addListener(supervisor);
    return supervisor;
  }

  @Bean
  Lookout lookout(ShardSupervisor supervisor, SupervisionProperties properties) {
    return new Lookout(supervisor::look, properties.interval());
  }
}
