package dev.nebulastore.api.access;

import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.security.Gate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Defines the same filter for a management port of its own ({@code management.server.port}). */
@Conditional(ManagementAccess.OnChildContext.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementAccess {

  /** The scan for configurations finds this one, too, but it is not meant for the main context. */
  static final class OnChildContext implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      var beans = context.getBeanFactory();
      return beans != null && beans.getParentBeanFactory() != null;
    }
  }

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
