package dev.nebulastore.security;

import dev.nebulastore.time.StoreClock;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the gate by the settings, and the tokens in the mode in which they are asked for. */
@Configuration(proxyBeanMethods = false)
// Those of the server, since a context without a web server has none otherwise.
@EnableConfigurationProperties({SecurityProperties.class, ServerProperties.class})
class SecurityConfiguration {

  private static final TokenSet NONE = new TokenSet(List.of());

  @Bean
  @ConditionalOnTokens
  TokenStore tokenStore(SecurityProperties properties, ObjectProvider<TokensListener> listener) {
    return new TokenStore(
        new TokenFile(Objects.requireNonNull(properties.tokensFile())),
        listener.getIfAvailable(() -> TokensListener.NONE));
  }

  @Bean
  Refusals refusals() {
    return new Refusals();
  }

  @Bean
  Gate gate(
      SecurityProperties properties,
      ObjectProvider<TokenStore> store,
      ObjectProvider<JwtCallers> issued,
      StoreClock time) {
    TokenStore tokens = store.getIfAvailable();
    return new Gate(
        properties.modeOrDefault(),
        new HostNames(properties.hosts()),
        tokens == null ? () -> NONE : tokens,
        time::system,
        issued.getIfAvailable());
  }
}
