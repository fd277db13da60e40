package dev.nebulastore.security;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Has a server in the mode protected listen on the loopback alone, unless its address is set. A
 * server that serves nobody else need not be reached by anybody else.
 *
 * <p>Threads: immutable.
 */
public final class LoopbackByDefault implements EnvironmentPostProcessor, Ordered {

  private static final String LOOPBACK = "127.0.0.1";

  /** After the configuration files were read. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (!isProtected(environment)) {
      return;
    }
    Map<String, Object> addresses = new HashMap<>();
    addresses.put("server.address", LOOPBACK);
    String port = environment.getProperty("management.server.port");
    if (port != null && !port.equals(environment.getProperty("server.port", "8080"))) {
      addresses.put("management.server.address", LOOPBACK);
    }
    environment.getPropertySources().addLast(new MapPropertySource("loopback", addresses));
  }

  /** Wrong settings are reported later. */
  private static boolean isProtected(ConfigurableEnvironment environment) {
    try {
      return Binder.get(environment)
              .bindOrCreate(SecurityProperties.PREFIX, SecurityProperties.class)
              .modeOrDefault()
          == SecurityProperties.Mode.PROTECTED;
    } catch (BindException e) {
      return false;
    }
  }
}
