package dev.nebulastore.security;

import java.util.Objects;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the tokens, in the mode in which they are asked for. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnTokens
@EnableConfigurationProperties(SecurityProperties.class)
class TokenConfiguration {

  @Bean
  TokenStore tokenStore(SecurityProperties properties) {
    return new TokenStore(new TokenFile(Objects.requireNonNull(properties.tokensFile())));
  }
}
