package bench.app;

import dev.nebulastore.NebulaStoreApplication;
import dev.nebulastore.router.ShardRouter;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * NebulaStore, a bare servlet at {@code /bare/*}, one that gives the same responses at {@code
 * /same/*}, and a lean controller at {@code /mvc/*}. All are in one process, with one Tomcat and
 * the same threads, so that only the handlers of the paths differ.
 */
@Configuration(proxyBeanMethods = false)
public class BenchApplication {

  /**
   * Starts the application. The arguments are Spring Boot's, such as {@code --server.port=17001}.
   */
  public static void main(String[] args) {
    Class<?>[] sources = {NebulaStoreApplication.class, BenchApplication.class};
    SpringApplication.run(sources, args);
  }

  @Bean
  ServletRegistrationBean<BareServlet> bareServlet() {
    var registration = new ServletRegistrationBean<>(new BareServlet(), "/bare/*");
    registration.setName("bare");
    registration.setLoadOnStartup(1);
    return registration;
  }

  @Bean
  ServletRegistrationBean<SameAnswersServlet> sameAnswersServlet() {
    var registration = new ServletRegistrationBean<>(new SameAnswersServlet(), "/same/*");
    registration.setName("same");
    registration.setLoadOnStartup(1);
    return registration;
  }

  @Bean
  LeanController leanController(ShardRouter router) {
    return new LeanController(router);
  }
}
