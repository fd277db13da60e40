package dev.nebulastore.ops.metrics;

import dev.nebulastore.router.Resizer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Counts changes of the number of shards, and times their steps.
 *
 * <p>Threads: thread-safe.
 */
@Component
final class ResizeMeters implements Resizer.Listener {

  private final Counter resizes;
  private final Timer steps;

  ResizeMeters(MeterRegistry registry) {
    this.resizes =
        Counter.builder("nebula.resizes")
            .description("Changes of the number of shards")
            .register(registry);
    this.steps =
        Timer.builder("nebula.resize.steps")
            .description("Time for which a shard was quiesced while its keys moved to others")
            .serviceLevelObjectives(
                Duration.ofNanos(100_000),
                Duration.ofNanos(250_000),
                Duration.ofMillis(1),
                Duration.ofNanos(2_500_000),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(100))
            .register(registry);
  }

  @Override
  public void stepped(Duration stood) {
    steps.record(stood);
  }

  @Override
  public void resized(int from, int to) {
    resizes.increment();
  }
}
