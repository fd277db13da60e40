package dev.nebulastore.ops.metrics;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.shard.ShardListener;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.supervision.ShardSupervisor;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/**
 * Counts committed changes and the actions of the supervisor. All counters exist from the start, or
 * from when their shard is added, so that a rate includes the first event.
 *
 * <p>Threads: thread-safe.
 */
@Component
final class ShardMeters
    implements ChangeListener, ShardSupervisor.Listener, ShardListener, SmartInitializingSingleton {

  private final MeterRegistry registry;
  private final ObjectProvider<ShardRegistry> shards;
  private final Counter puts;
  private final Counter deletes;
  private final Counter expiries;
  private final Timer timeToHeal;

  ShardMeters(MeterRegistry registry, ObjectProvider<ShardRegistry> shards) {
    this.registry = registry;
    this.shards = shards;
    this.puts = changes("put");
    this.deletes = changes("delete");
    this.expiries = changes("expire");
    this.timeToHeal =
        Timer.builder("nebula.supervision.heal")
            .description("Time from the end of a worker until its successor serves")
            .serviceLevelObjectives(
                Duration.ofNanos(250_000),
                Duration.ofMillis(1),
                Duration.ofNanos(2_500_000),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofSeconds(1))
            .register(registry);
  }

  @Override
  public void afterSingletonsInstantiated() {
    ShardRegistry table = shards.getObject();
    table.shards().forEach(this::joined);
    table.addListener(this);
  }

  @Override
  public void joined(int shard) {
    for (Reason reason : Reason.values()) {
      var _ = restarts(shard, reason);
    }
    var _ = quarantines(shard);
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    for (Change change : changes) {
      switch (change) {
        case Change.Written _ -> puts.increment();
        case Change.Delete _ -> deletes.increment();
        case Change.Expire _ -> expiries.increment();
      }
    }
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {}

  @Override
  public void restarted(int shard, Reason reason, Duration healedIn) {
    restarts(shard, reason).increment();
    timeToHeal.record(healedIn);
  }

  @Override
  public void quarantined(int shard, Duration delay) {
    quarantines(shard).increment();
  }

  @Override
  public void revived(int shard) {}

  private Counter changes(String kind) {
    return Counter.builder("nebula.changes")
        .description("Changes committed, by kind")
        .tag("kind", kind)
        .register(registry);
  }

  private Counter restarts(int shard, Reason reason) {
    return Counter.builder("nebula.supervision.restarts")
        .description("Workers replaced, by reason")
        .tag("shard", Integer.toString(shard))
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private Counter quarantines(int shard) {
    return Counter.builder("nebula.supervision.set.aside")
        .description("Quarantines of the shard, since it died too often")
        .tag("shard", Integer.toString(shard))
        .register(registry);
  }
}
