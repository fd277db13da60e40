package dev.nebulastore.ops.metrics;

import dev.nebulastore.time.StoreClock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Gauge of the time by which store time is ahead of the system clock.
 *
 * <p>Threads: immutable.
 */
@Component
final class ClockGauges implements MeterBinder {

  private final StoreClock clock;

  ClockGauges(StoreClock clock) {
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    TimeGauge.builder("nebula.clock.ahead", clock, TimeUnit.MILLISECONDS, c -> c.ahead().toMillis())
        .description("Time by which store time is ahead of the system clock, which was set back")
        .register(registry);
  }
}
