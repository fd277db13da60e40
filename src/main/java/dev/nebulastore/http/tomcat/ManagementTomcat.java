package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ErrorAnswers;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Configures Tomcat for a management port of its own ({@code management.server.port}), which has
 * the same rules for hosts and malformed requests, but no limits.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementTomcat {

  /** The scan for configurations finds this one, too, but it is not meant for the main context. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> conformingTomcat(
      ApplicationContext context, ErrorAnswers answers) {
    return factory -> {
      if (context.getParent() != null) {
        factory.setProtocol(ConformingProtocol.class.getName());
        factory.addContextCustomizers(
            deployed -> deployed.getParent().getPipeline().addValve(new ErrorValve(answers)));
      }
    };
  }
}
