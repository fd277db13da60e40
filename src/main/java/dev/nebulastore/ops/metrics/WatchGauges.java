package dev.nebulastore.ops.metrics;

import dev.nebulastore.watch.WatchHub;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * Gauges of watchers and the change history, computed when they are scraped.
 *
 * <p>Threads: immutable.
 */
@Component
final class WatchGauges implements MeterBinder {

  private final WatchHub hub;

  WatchGauges(WatchHub hub) {
    this.hub = hub;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("nebula.watch.subscribers", hub, WatchHub::subscribers)
        .description("Watchers, long polls included")
        .register(registry);
    FunctionCounter.builder("nebula.watch.events", hub, WatchHub::events)
        .description("Changes sent to watchers")
        .register(registry);
    FunctionCounter.builder("nebula.watch.resets", hub, WatchHub::resets)
        .description("Resets sent to watchers, which then read again")
        .register(registry);
    Gauge.builder("nebula.watch.history.changes", hub, WatchHub::historyChanges)
        .description("Changes in the history")
        .register(registry);
    Gauge.builder("nebula.watch.history.size", hub, WatchHub::historySize)
        .description("Memory of the history, values included")
        .baseUnit("bytes")
        .register(registry);
  }
}
