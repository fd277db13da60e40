package dev.nebulastore.ops.startup;

import java.util.List;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.NumberUtils;

/**
 * Refuses a port that is not a number or out of range, which Spring Boot reports with a stack
 * trace.
 *
 * <p>Threads: immutable.
 */
final class ServerPorts implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  private static final int MAX = 65_535;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    for (String key : List.of("server.port", "management.server.port")) {
      String port = context.getEnvironment().getProperty(key, "");
      if (!port.isBlank() && !isPort(port)) {
        throw new InvalidConfigurationPropertyValueException(
            key, port, "must be a whole number from 0 to 65535; 0 is any free port");
      }
    }
  }

  /** Spring Boot gives negative numbers a meaning of their own. */
  private static boolean isPort(String text) {
    try {
      return NumberUtils.parseNumber(text, Integer.class) <= MAX;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
