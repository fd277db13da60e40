package dev.nebulastore.watch;

import java.security.SecureRandom;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the hub, with a history of its own, and ends it before the web server stops. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WatchProperties.class)
class WatchConfiguration {

  @Bean(destroyMethod = "end")
  WatchHub watchHub(WatchProperties properties) {
    WatchHub hub =
        new WatchHub(
            new ChangeHistory(properties.history(), properties.historySizeOrDefault().toBytes()),
            properties.maxSubscribersOrDefault(),
            new SecureRandom().nextLong());
    hub.start();
    return hub;
  }

  @Bean
  WatchShutdown watchEnd(WatchHub hub) {
    return new WatchShutdown(hub);
  }
}
