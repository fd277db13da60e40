package dev.nebulastore.ops;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.supervision.ShardSupervisor;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * Counts what shards commit and what supervision does for them.
 *
 * <p>Threads: safe for all.
 */
@Component
final class ShardMeters implements ChangeListener, ShardSupervisor.Listener {

  private final MeterRegistry registry;
  private final Counter puts;
  private final Counter deletes;
  private final Counter expiries;
  private final Timer timeToHeal;

  ShardMeters(MeterRegistry registry) {
    this.registry = registry;
    this.puts = changes("put");
    this.deletes = changes("delete");
    this.expiries = changes("expire");
    this.timeToHeal =
        Timer.builder("nebula.supervision.heal")
            .description("From the end of a worker until its successor serves")
            .serviceLevelObjectives(
                Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofMillis(100))
            .register(registry);
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    for (Change change : changes) {
      switch (change) {
        case Change.Put _ -> puts.increment();
        case Change.Delete _ -> deletes.increment();
        case Change.Expire _ -> expiries.increment();
      }
    }
  }

  @Override
  public void restarted(int shard, Reason reason, Duration healedIn) {
    registry
        .counter(
            "nebula.supervision.restarts",
            "shard",
            Integer.toString(shard),
            "reason",
            reason.name().toLowerCase(Locale.ROOT))
        .increment();
    timeToHeal.record(healedIn);
  }

  @Override
  public void setAside(int shard, Duration delay) {
    registry.counter("nebula.supervision.set.aside", "shard", Integer.toString(shard)).increment();
  }

  @Override
  public void revived(int shard) {}

  private Counter changes(String kind) {
    return Counter.builder("nebula.changes")
        .description("Changes committed, by kind")
        .tag("kind", kind)
        .register(registry);
  }
}
