package dev.nebulastore.api;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.nebulastore.api.answer.ResponseWriter;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.error.AccessListener;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ComputedAnswer;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.OpenFileLimit;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.ServerSettings;
import dev.nebulastore.time.StoreClock;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Defines the beans that the controllers and the server share, by the settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiProperties.class)
class ApiConfiguration {

  private static final Logger log = LoggerFactory.getLogger(ApiConfiguration.class);

  /** Actuator's mapping is at -100. */
  private static final int BEFORE_ACTUATOR = -200;

  @Bean
  ClientTime clientTime(StoreClock clock) {
    return new ClientTime(clock);
  }

  @Bean
  Problems problems(AccessListener listener) {
    return new Problems(listener);
  }

  /** The timeout of a head is that of any other read. */
  @Bean
  Admission admission(
      ApiProperties properties,
      ServerProperties server,
      @Value("${server.tomcat.connection-timeout}") Duration connectionTimeout) {
    ApiProperties.Limits limits = properties.limits();
    boolean tls = Ssl.isEnabled(server.getSsl());
    long heap = Runtime.getRuntime().maxMemory();
    limits.doubtfulConnections(tls, heap).ifPresent(log::warn);
    return new Admission(
        limits.requestsOrDefault(),
        OpenFileLimit.ofProcess()
            .connections(limits.connections(), limits.connectionsOrDefault(tls, heap)),
        connectionTimeout,
        System::nanoTime);
  }

  @Bean
  CallerLimits callerLimits(ApiProperties properties) {
    return new CallerLimits(properties.limits().perCaller().maximum(), System::nanoTime);
  }

  @Bean
  AddressLimit addressLimit(ApiProperties properties) {
    return new AddressLimit(properties.limits().perCaller().connectionsOrNone());
  }

  @Bean
  ReservedHead reservedHead(
      @Value("${management.endpoints.web.base-path:/actuator}") String actuator) {
    return ReservedHead.below(actuator);
  }

  @Bean
  ContentMemory contentMemory(ApiProperties properties) {
    return new ContentMemory(
        properties.limits().contentMemoryOrDefault(), heapRegion(), System::nanoTime);
  }

  /** G1 gives an array of at least half a region whole regions; other collectors have none. */
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

  /** Maps controllers before Actuator, so that a request is not matched with its endpoints. */
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
  ResponseWriter responseWriter(Problems problems, ClientTime time) {
    return new ResponseWriter(problems, time);
  }

  @Bean
  RequestLimits requestLimits(ApiProperties properties) {
    ApiProperties.Limits limits = properties.limits();
    return new RequestLimits(
        limits.valueSize(),
        limits.transactionSize(),
        limits.transactionKeys(),
        properties.requirePreconditions());
  }

  @Bean
  ServerSettings serverSettings(ApiProperties properties) {
    return new ServerSettings(
        properties.fastPath(),
        properties.limits().largest(),
        KeyCodec.PREFIX,
        properties.limits().streamsOrDefault());
  }

  @Bean
  OperationParser operations(RequestLimits limits, StoreClock clock) {
    return new OperationParser(limits, clock::system);
  }

  /** Disabled, since Spring MVC sets the request context itself. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> requestContextFilter() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }
}
