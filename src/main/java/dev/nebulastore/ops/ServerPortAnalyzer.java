package dev.nebulastore.ops;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Explains a port that the server can't listen on: none at all, out of range, or taken.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class ServerPortAnalyzer extends AbstractFailureAnalyzer<Throwable> {

  private static final String KEY = "server.port";

  private final @Nullable Environment environment;

  /** With the environment of the context, or null if the start failed before there was one. */
  ServerPortAnalyzer(@Nullable Environment environment) {
    this.environment = environment;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, Throwable failure) {
    PortInUseException taken = findCause(failure, PortInUseException.class);
    if (taken != null) {
      return new FailureAnalysis(
          "Port " + taken.getPort() + " is in use by another process.",
          "End that process, or choose another port with " + KEY + ".",
          rootFailure);
    }
    return refused(failure)
        ? ConfiguredValue.find(environment, ConfigurationPropertyName.of(KEY))
            .map(given -> given + " It must be a whole number from 0 to 65535; 0 is any free port.")
            .map(sentence -> new FailureAnalysis(sentence, null, rootFailure))
            .orElse(null)
        : null;
  }

  private boolean refused(Throwable failure) {
    InvalidConfigurationPropertyValueException invalid =
        findCause(failure, InvalidConfigurationPropertyValueException.class);
    if (invalid != null) {
      return invalid.getName().equals(KEY);
    }
    return String.valueOf(NestedExceptionUtils.getMostSpecificCause(failure).getMessage())
        .startsWith("port out of range");
  }
}
