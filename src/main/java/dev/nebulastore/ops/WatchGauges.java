package dev.nebulastore.ops;

import dev.nebulastore.watch.WatchHub;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * Shows who watches, and what they are told: read when somebody scrapes, free otherwise.
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
        .description("Who watches now, long polls included")
        .register(registry);
    FunctionCounter.builder("nebula.watch.events", hub, WatchHub::events)
        .description("Changes told to those who watch")
        .register(registry);
    FunctionCounter.builder("nebula.watch.resets", hub, WatchHub::resets)
        .description("How often somebody who watches was told to read anew")
        .register(registry);
    Gauge.builder("nebula.watch.history.changes", hub, WatchHub::historyChanges)
        .description("Changes that can still be told")
        .register(registry);
    Gauge.builder("nebula.watch.history.size", hub, WatchHub::historySize)
        .description("What they take, values included")
        .baseUnit("bytes")
        .register(registry);
  }
}
