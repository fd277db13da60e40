package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.ServerSettings;
import dev.nebulastore.http.fast.FastHandler;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Configures Tomcat for the port of the server: {@link BoundedPort}, and the fast path. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  /** Runs last, so that the valve is behind that of Spring Boot and reports errors first. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedTomcat(
      ErrorAnswers answers,
      Admission admission,
      AddressLimit addresses,
      ReservedHead reserved,
      ComputeThreads compute,
      ServerSettings settings,
      FastHandler fast) {
    // Tomcat has no method for it. It is the same for all servers of the process.
    TLSClientHelloExtractor.USE_TLS_RESPONSE =
        answers.badRequest("This port requires TLS: use https:// in place of http://.");
    var port = new BoundedPort(answers, admission, addresses, reserved, compute, settings);
    return factory ->
        port.setUp(
            factory,
            protocol -> {
              if (settings.fastPath() && hasOnlyProxyValves(factory)) {
                protocol.servePlain(fast);
              }
            });
  }

  /** Whether no valve has to see all requests; that for proxies has no effect on keys. */
  private static boolean hasOnlyProxyValves(TomcatServletWebServerFactory factory) {
    return factory.getEngineValves().stream().allMatch(RemoteIpValve.class::isInstance);
  }
}
