package dev.nebulastore.api.access;

import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.OnManagementPort;
import dev.nebulastore.security.Gate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** Defines the same filter for a management port of its own ({@code management.server.port}). */
@Conditional(OnManagementPort.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementAccess {

  @Bean
  FilterRegistrationBean<AccessFilter> managementAccessFilter(
      Gate gate,
      Origins origins,
      CallerLimits limits,
      Problems problems,
      RequestAudit audit,
      @Value("${management.server.base-path:}${management.endpoints.web.base-path:/actuator}")
          String actuator) {
    return AccessConfiguration.registration(
        new AccessFilter(gate, new AccessRules(actuator), origins, limits, problems, audit));
  }
}
