package dev.nebulastore.api;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.BoundedProtocol;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.OpenFileLimit;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.kv.StoreClock;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.watch.WatchHub;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import org.apache.catalina.valves.RemoteIpValve;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.RequestContextFilter;

/**
 * Puts the servlet of the keys beside Spring MVC's, and opens Tomcat to every path that is a key.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ApiProperties.class, WatchStreamProperties.class})
class ApiConfiguration {

  @Bean
  ClientTime clientTime(StoreClock clock) {
    return new ClientTime(clock);
  }

  @Bean
  Problems problems() {
    return new Problems();
  }

  /** Counts the heads that are slow by the time that any read may take. */
  @Bean
  Admission admission(
      ApiProperties properties,
      @Value("${server.tomcat.connection-timeout}") Duration connectionTimeout) {
    ApiProperties.Limits limits = properties.limits();
    return new Admission(
        limits.requestsOrDefault(),
        OpenFileLimit.ofProcess().connections(limits.connections(), limits.connectionsOrDefault()),
        connectionTimeout,
        System::nanoTime);
  }

  /** The probes of an orchestrator and the scrape of Prometheus, at their usual paths. */
  @Bean
  ReservedHead reservedHead(
      @Value("${management.endpoints.web.base-path:/actuator}") String actuator) {
    String health = actuator + "/health";
    return new ReservedHead(
        Set.of(health, health + "/liveness", health + "/readiness"),
        Set.of(actuator + "/prometheus"));
  }

  @Bean
  ContentMemory contentMemory(ApiProperties properties) {
    return new ContentMemory(
        properties.limits().contentMemoryOrDefault(), heapRegion(), System::nanoTime);
  }

  /** G1 gives arrays of half a region and more whole regions; other collectors have none. */
  private static int heapRegion() {
    var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    return machine != null && Boolean.parseBoolean(machine.getVMOption("UseG1GC").getValue())
        ? Integer.parseInt(machine.getVMOption("G1HeapRegionSize").getValue())
        : 0;
  }

  @Bean
  ComputeThreads computeThreads() {
    return ComputeThreads.ofMachine();
  }

  @Bean
  FilterRegistrationBean<ComputedAnswer> computedScrape(
      ComputeThreads compute,
      @Value("${management.endpoints.web.base-path:/actuator}") String actuator) {
    var registration = new FilterRegistrationBean<>(new ComputedAnswer(compute));
    registration.addUrlPatterns(actuator + "/prometheus");
    return registration;
  }

  @Bean
  LongPoll longPoll(ShardRouter router, WatchHub hub) {
    return new LongPoll(router, hub, System::nanoTime);
  }

  @Bean
  ServletRegistrationBean<KvServlet> kvServlet(
      ShardRouter router,
      LongPoll polls,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      ApiProperties properties) {
    KvServlet servlet = new KvServlet(router, polls, problems, memory, compute, time, properties);
    var registration = new ServletRegistrationBean<>(servlet, KeyCodec.PREFIX + "*");
    registration.setName("kv");
    registration.setLoadOnStartup(1);
    return registration;
  }

  /** Whether no valve is set up but what tells a proxy from its client, which no key asks for. */
  private static boolean nobodySeesAll(TomcatServletWebServerFactory factory) {
    return factory.getEngineValves().stream().allMatch(RemoteIpValve.class::isInstance);
  }

  @Bean
  FastKvHandler fastKvHandler(
      ShardRouter router,
      Problems problems,
      ContentMemory memory,
      ClientTime time,
      ApiProperties properties) {
    return new FastKvHandler(router, problems, memory, time, properties);
  }

  @Bean
  ServletRegistrationBean<KeysServlet> keysServlet(
      ShardRouter router,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    var registration =
        new ServletRegistrationBean<>(
            new KeysServlet(router, problems, memory, compute, time), KeysServlet.PATH);
    registration.setName("keys");
    return registration;
  }

  @Bean
  OperationParser operations(ApiProperties properties) {
    return new OperationParser(properties);
  }

  @Bean
  ServletRegistrationBean<BatchServlet> batchServlet(
      ShardRouter router,
      Problems problems,
      OperationParser operations,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    BatchServlet servlet = new BatchServlet(router, problems, operations, memory, compute, time);
    var registration = new ServletRegistrationBean<>(servlet, BatchServlet.PATH);
    registration.setName("batch");
    return registration;
  }

  /** Spring MVC sets its request context itself; the filter would do it again for every request. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> requestContextFilter() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }

  /** Last, so that the valve stands behind the one that Spring Boot adds, and reports first. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> keysOnTomcat(
      Problems problems,
      Admission admission,
      ReservedHead reserved,
      ComputeThreads compute,
      ApiProperties properties,
      FastKvHandler plain) {
    return factory -> {
      factory.setProtocol(BoundedProtocol.class.getName());
      factory.addConnectorCustomizers(connector -> {
        if (connector.getProtocolHandler() instanceof BoundedProtocol protocol) {
          protocol.admitBy(
              admission,
              problems.onTheWire(Overloaded.byRequests(admission.maxRequests())),
              problems.onTheWire(Overloaded.byConnections(admission.maxConnections())),
              reserved,
              compute);
          if (properties.fastPath() && nobodySeesAll(factory)) {
            protocol.servePlain(plain, problems.onTheWire(FastKvHandler.late()));
          }
        }
        KeyPathAdapter.install(connector, compute);
        connector.setProperty("relaxedPathChars", "\"<>[\\]^`{|}");
        connector.setProperty("relaxedQueryChars", "\"<>[\\]^`{|}");
        // A body that is refused on the way is read to its end, without being kept: so the answer
        // arrives.
        connector.setProperty("maxSwallowSize", Long.toString(properties.limits().largest()));
        // A request that is refused unread is told so before its body is sent.
        connector.setProperty("continueResponseTiming", "onRead");
      });
      factory.addContextCustomizers(context -> {
        var pipeline = context.getParent().getPipeline();
        pipeline.addValve(new ProblemValve(problems));
        pipeline.addValve(new ExactContentType());
      });
    };
  }
}
