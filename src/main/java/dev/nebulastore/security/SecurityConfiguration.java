package dev.nebulastore.security;

import java.time.InstantSource;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the gate by the settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SecurityProperties.class)
class SecurityConfiguration {

  private static final TokenSet NONE = new TokenSet(List.of());

  @Bean
  Gate gate(SecurityProperties properties, ObjectProvider<TokenStore> store) {
    TokenStore tokens = store.getIfAvailable();
    return new Gate(
        properties.modeOrDefault(),
        new HostNames(properties.hosts()),
        tokens == null ? () -> NONE : tokens,
        InstantSource.system());
  }
}
