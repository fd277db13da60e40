package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.ServerSettings;
import dev.nebulastore.http.fast.FastHandler;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.buf.StringCache;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Configures Tomcat: its limits, the fast path, the valves, and raw paths. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  /** Characters that clients send unencoded, against RFC 3986. */
  private static final String RELAXED = "\"<>[\\]^`{|}";

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
    TLSClientHelloExtractor.USE_TLS_RESPONSE = answers.tlsRequired();
    return factory -> {
      factory.setProtocol(BoundedProtocol.class.getName());
      factory.addConnectorCustomizers(connector -> {
        if (connector.getProtocolHandler() instanceof BoundedProtocol protocol) {
          protocol.admitBy(
              admission,
              addresses,
              new LimitAnswers(
                  answers.overloaded(Overloaded.byRequests(admission.maxRequests())),
                  answers.overloaded(Overloaded.byConnections(admission.maxConnections())),
                  answers.overloaded(Overloaded.byAddress(addresses.max()))),
              reserved,
              compute);
          if (settings.fastPath() && hasOnlyProxyValves(factory)) {
            protocol.servePlain(fast);
          }
        }
        RawPathAdapter.install(connector, settings.rawPrefix(), compute);
        setUp(connector, settings);
      });
      factory.addContextCustomizers(context -> {
        var pipeline = context.getParent().getPipeline();
        pipeline.addValve(new ErrorValve(answers));
        pipeline.addValve(new ConnectionValve());
      });
    };
  }

  /** Whether no valve has to see all requests; that for proxies has no effect on keys. */
  private static boolean hasOnlyProxyValves(TomcatServletWebServerFactory factory) {
    return factory.getEngineValves().stream().allMatch(RemoteIpValve.class::isInstance);
  }

  private static void setUp(Connector connector, ServerSettings settings) {
    connector.setProperty("relaxedPathChars", RELAXED);
    connector.setProperty("relaxedQueryChars", RELAXED);
    // The fast path does not send Keep-Alive either.
    connector.setProperty("useKeepAliveResponseHeader", "false");
    // The rest of a refused body is read and dropped, so that the client reads the answer.
    connector.setProperty("maxSwallowSize", Long.toString(settings.largestBody()));
    // A request that is refused by its head is answered before its body is sent.
    connector.setProperty("continueResponseTiming", "onRead");
    // It would keep the headers that are sent most often, tokens among them, for good.
    new StringCache().setByteEnabled(false);
  }
}
