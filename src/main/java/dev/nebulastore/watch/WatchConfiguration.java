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
            new History(properties.history(), properties.historySizeOrDefault().toBytes()),
            properties.maxSubscribersOrDefault(),
            new SecureRandom().nextLong());
    hub.start();
    return hub;
  }

  @Bean
  WatchEnd watchEnd(WatchHub hub) {
    return new WatchEnd(hub);
  }
}
