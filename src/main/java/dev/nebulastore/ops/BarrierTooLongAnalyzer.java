package dev.nebulastore.ops;

import dev.nebulastore.supervision.BarrierTooLong;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Explains two settings that can't be used together.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class BarrierTooLongAnalyzer extends AbstractFailureAnalyzer<BarrierTooLong> {

  private static final ConfigurationPropertyName BARRIER =
      ConfigurationPropertyName.of("nebula.shards.barrier");

  private final @Nullable Environment environment;

  /** With the environment of the context, or null if the start failed before there was one. */
  BarrierTooLongAnalyzer(@Nullable Environment environment) {
    this.environment = environment;
  }

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, BarrierTooLong refusal) {
    ConfiguredValue given =
        ConfiguredValue.find(environment, BARRIER)
            .orElseGet(() -> ConfiguredValue.byDefault(BARRIER, text(refusal.barrier())));
    return new FailureAnalysis(
        given
            + " It must be less than nebula.supervision.stuck-after, which is "
            + text(refusal.stuckAfter())
            + ".",
        null,
        rootFailure);
  }

  private static String text(Duration duration) {
    return DurationStyle.SIMPLE.print(duration, ChronoUnit.MILLIS);
  }
}
