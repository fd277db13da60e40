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
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.watch.WatchHub;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import org.apache.catalina.valves.RemoteIpValve;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Puts together what the controllers need, and opens Tomcat to every path that is a key. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ApiProperties.class, WatchStreamProperties.class})
class ApiConfiguration {

  /** Actuator's mapping is at -100. */
  private static final int BEFORE_ACTUATOR = -200;

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
  LongPoll longPoll(Keyspace keyspace, WatchHub hub) {
    return new LongPoll(keyspace, hub, System::nanoTime);
  }

  /** Controllers are asked before Actuator, whose endpoints each request would be held against. */
  @Bean
  static BeanPostProcessor controllersFirst() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (name.equals("requestMappingHandlerMapping")
            && bean instanceof RequestMappingHandlerMapping controllers) {
          controllers.setOrder(BEFORE_ACTUATOR);
        }
        return bean;
      }
    };
  }

  @Bean
  CommandReader commandReader(ApiProperties properties) {
    return new CommandReader(properties);
  }

  @Bean
  ResponseWriter responseWriter(Problems problems, ClientTime time) {
    return new ResponseWriter(problems, time);
  }

  @Bean
  FilterRegistrationBean<KeyPathFilter> keyPathFilter() {
    var registration = new FilterRegistrationBean<>(new KeyPathFilter());
    registration.addUrlPatterns(KeyCodec.PREFIX + "*", KeysController.PATH, BatchController.PATH);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  /** Whether no valve is set up but what tells a proxy from its client, which no key asks for. */
  private static boolean nobodySeesAll(TomcatServletWebServerFactory factory) {
    return factory.getEngineValves().stream().allMatch(RemoteIpValve.class::isInstance);
  }

  @Bean
  FastKvHandler fastKvHandler(
      Keyspace keyspace,
      Problems problems,
      CommandReader reader,
      ResponseWriter writer,
      ContentMemory memory) {
    return new FastKvHandler(keyspace, problems, reader, writer, memory);
  }

  @Bean
  OperationParser operations(ApiProperties properties) {
    return new OperationParser(properties);
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
        // The fast path does not say either how long a connection may be idle.
        connector.setProperty("useKeepAliveResponseHeader", "false");
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
