package dev.nebulastore.ops;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Leaves out what the framework measures and nobody asks for here, or measures in units that
 * Prometheus does not know, and mends a name. What remains is what {@code promtool check metrics}
 * passes.
 *
 * <p>Threads: immutable.
 */
@Component
final class FrameworkMeters implements MeterFilter {

  private static final List<String> LEFT_OUT =
      List.of(
          // There are no sessions.
          "tomcat.sessions",
          // The sweep of what has expired; its effect is in nebula.changes.
          "tasks.scheduled.execution",
          // In milliseconds and nanoseconds; process.cpu.usage tells more.
          "jvm.compilation.time",
          "process.cpu.time");

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return LEFT_OUT.stream().anyMatch(id.getName()::startsWith)
        ? MeterFilterReply.DENY
        : MeterFilterReply.NEUTRAL;
  }

  /** A name that ends in "count" is one that Prometheus gives to a histogram's part. */
  @Override
  public Meter.Id map(Meter.Id id) {
    return id.getName().equals("system.cpu.count") ? id.withName("system.cpus") : id;
  }
}
