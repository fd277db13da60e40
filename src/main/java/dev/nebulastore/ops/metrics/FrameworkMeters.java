package dev.nebulastore.ops.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Removes meters of Spring Boot and Tomcat that are useless here or have units that Prometheus does
 * not know, and corrects a name. The rest passes {@code promtool check metrics}.
 *
 * <p>Threads: immutable.
 */
@Component
final class FrameworkMeters implements MeterFilter {

  private static final List<String> LEFT_OUT =
      List.of(
          // There are no sessions.
          "tomcat.sessions",
          // The sweep of expired entries, which nebula.changes counts.
          "tasks.scheduled.execution",
          // In milliseconds and nanoseconds. process.cpu.usage is more useful.
          "jvm.compilation.time",
          "process.cpu.time");

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return LEFT_OUT.stream().anyMatch(id.getName()::startsWith)
        ? MeterFilterReply.DENY
        : MeterFilterReply.NEUTRAL;
  }

  /** In Prometheus a name that ends in "count" is part of a histogram. */
  @Override
  public Meter.Id map(Meter.Id id) {
    return id.getName().equals("system.cpu.count") ? id.withName("system.cpus") : id;
  }
}
