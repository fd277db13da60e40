package dev.nebulastore.security;

import dev.nebulastore.time.Execution;
import dev.nebulastore.time.StoreClock;
import java.net.URI;
import java.time.InstantSource;
import java.util.Objects;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines who may call with a token of an issuer, if there is one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIssuer
class OidcConfiguration {

  @Bean
  IssuerKeys issuerKeys(SecurityProperties properties, StoreClock time) {
    String issuer = Objects.requireNonNull(properties.oidc().issuer());
    String place = properties.oidc().jwkSetUri();
    IssuerClient client =
        new IssuerClient(issuer, place == null ? null : URI.create(place), IssuerClient.TIMEOUT);
    return new IssuerKeys(issuer, client, time::system);
  }

  @Bean
  JwtCallers jwtCallers(SecurityProperties properties, IssuerKeys keys, StoreClock time) {
    InstantSource clock = time::system;
    return new JwtCallers(new JwtVerifier(properties.oidc(), keys, clock), clock);
  }

  /** The server starts without the keys; they are fetched meanwhile, or with a later token. */
  @Bean
  ApplicationListener<ApplicationReadyEvent> issuerKeysPrefetch(
      IssuerKeys keys, Execution execution) {
    return _ -> execution.virtualThread("issuer-keys", keys::prefetch).start();
  }
}
