package dev.nebulastore.watch;

import dev.nebulastore.time.Execution;
import java.security.SecureRandom;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the hub with its history, and ends it before the web server stops. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WatchProperties.class)
class WatchConfiguration {

  @Bean(destroyMethod = "end")
  WatchHub watchHub(Execution execution, WatchProperties properties) {
    WatchHub hub =
        new WatchHub(
            execution,
            new ChangeHistory(properties.history(), properties.historySizeOrDefault().toBytes()),
            properties.maxSubscribersOrDefault(),
            new SecureRandom().nextLong());
    hub.start();
    return hub;
  }

  @Bean
  Duration watchHeartbeat(WatchProperties properties) {
    return properties.heartbeat();
  }

  @Bean
  Duration longestWait(WatchProperties properties) {
    return properties.maxWait();
  }

  @Bean
  WatchShutdown watchEnd(WatchHub hub) {
    return new WatchShutdown(hub);
  }
}
