package dev.nebulastore.ops.startup;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Explains a value that is refused because of another setting or of the heap. Precedes Spring
 * Boot's own analyzer, which takes several lines.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class RefusedValueAnalyzer
    extends AbstractFailureAnalyzer<InvalidConfigurationPropertyValueException> {

  private final @Nullable Environment environment;

  /** With the environment of the context, or null if the start failed before there was one. */
  RefusedValueAnalyzer(@Nullable Environment environment) {
    this.environment = environment;
  }

  @Override
  protected FailureAnalysis analyze(
      Throwable rootFailure, InvalidConfigurationPropertyValueException refusal) {
    ConfiguredValue given =
        ConfiguredValue.find(
            environment, ConfigurationPropertyName.of(refusal.getName()), refusal.getValue());
    return new FailureAnalysis(given + " It " + refusal.getReason() + ".", null, rootFailure);
  }
}
