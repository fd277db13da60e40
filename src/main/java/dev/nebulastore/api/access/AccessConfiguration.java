package dev.nebulastore.api.access;

import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.security.Gate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Defines the filter before all others, and which pages may use the store. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CorsProperties.class)
class AccessConfiguration {

  @Bean
  Origins origins(CorsProperties properties, Gate gate) {
    if (properties.origins().contains(CorsProperties.ALL) && !gate.isOpen()) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.cors.origins",
          CorsProperties.ALL,
          "is allowed only with nebula.security.mode=open");
    }
    return new Origins(properties.origins());
  }

  @Bean
  FilterRegistrationBean<AccessFilter> accessFilter(
      Gate gate,
      Origins origins,
      CallerLimits limits,
      Problems problems,
      RequestAudit audit,
      @Value("${management.endpoints.web.base-path:/actuator}") String actuator) {
    AccessRules rules = new AccessRules(actuator);
    if (rules.coverAll()) {
      throw new InvalidConfigurationPropertyValueException(
          "management.endpoints.web.base-path",
          actuator,
          "must be a path below the root; for a management port of its own, use"
              + " management.server.base-path");
    }
    return registration(new AccessFilter(gate, rules, origins, limits, problems, audit));
  }

  /** Registers a filter before all others but Spring's, which finds the prefix of a proxy. */
  static FilterRegistrationBean<AccessFilter> registration(AccessFilter filter) {
    var registration = new FilterRegistrationBean<>(filter);
    registration.addUrlPatterns("/*");
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return registration;
  }
}
