package dev.nebulastore.ops.startup;

import java.util.List;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Refuses the settings of Spring Boot that put a prefix before all paths. The fast path, the limits
 * of probes and the rights of callers know the paths without one, so only a part of the server
 * would move.
 *
 * <p>Threads: immutable.
 */
final class ServedPaths implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  private static final String ROOT = "/";

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    for (String key : List.of("server.servlet.context-path", "spring.mvc.servlet.path")) {
      String path = context.getEnvironment().getProperty(key, "");
      if (!path.isBlank() && !path.equals(ROOT)) {
        throw new InvalidConfigurationPropertyValueException(
            key,
            path,
            "must not be set, since the paths of NebulaStore are fixed. For a prefix, use a proxy"
                + " that removes it and sends X-Forwarded-Prefix (docs/deployment.md)");
      }
    }
  }
}
