package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.OnManagementPort;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.ServerSettings;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Configures Tomcat for a management port of its own. Its limits are small and not configurable:
 * only probes, scrapes and people use it, and without limits idle connections to it would fill the
 * heap of the server.
 */
@Conditional(OnManagementPort.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementTomcat {

  /** At 72 KB of heap for one with TLS, 5 MB. */
  static final int CONNECTIONS = 64;

  static final int REQUESTS = 16;

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedManagementTomcat(
      ErrorAnswers answers,
      AddressLimit addresses,
      ComputeThreads compute,
      ServerSettings settings,
      @Value("${server.tomcat.connection-timeout}") String headTimeout,
      @Value("${management.server.base-path:}${management.endpoints.web.base-path:/actuator}")
          String actuator) {
    // This context converts no durations.
    var admission =
        new Admission(
            REQUESTS, CONNECTIONS, DurationStyle.detectAndParse(headTimeout), System::nanoTime);
    var port =
        new BoundedPort(
            answers,
            admission,
            new AddressLimit(addresses.max()),
            ReservedHead.below(actuator),
            compute,
            settings);
    return factory -> port.setUp(factory, _ -> {});
  }
}
