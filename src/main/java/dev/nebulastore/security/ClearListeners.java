package dev.nebulastore.security;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The ports on which other machines can connect without TLS. Refuses the start if there is one and
 * TLS is required. A management port of its own has the TLS of the server, unless it has settings
 * of its own, but never its address.
 *
 * <p>Threads: immutable.
 */
@Component
final class ClearListeners {

  private final List<String> prefixes = new ArrayList<>();

  ClearListeners(SecurityProperties properties, ServerProperties server, Environment environment) {
    if (isClear(server.getAddress(), server.getSsl())) {
      prefixes.add("server");
    }
    // Spring Boot has a bean of these only if the port is one of its own.
    ManagementServerProperties management =
        Binder.get(environment).bindOrCreate("management.server", ManagementServerProperties.class);
    Ssl ofManagement = management.getSsl() == null ? server.getSsl() : management.getSsl();
    if (ManagementPortType.get(environment) == ManagementPortType.DIFFERENT
        && isClear(management.getAddress(), ofManagement)) {
      prefixes.add("management.server");
    }
    if (properties.requireTls() && !prefixes.isEmpty()) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.security.require-tls",
          true,
          "needs TLS wherever other machines can connect: set %1$s.ssl.bundle, or %1$s.address to"
                  .formatted(prefixes.getFirst())
              + " 127.0.0.1");
    }
  }

  /** By default, a server listens on all addresses. */
  private static boolean isClear(@Nullable InetAddress address, @Nullable Ssl ssl) {
    return !Ssl.isEnabled(ssl) && (address == null || !address.isLoopbackAddress());
  }

  /** The prefixes of their settings, such as "server"; empty if there is none. */
  List<String> prefixes() {
    return List.copyOf(prefixes);
  }
}
