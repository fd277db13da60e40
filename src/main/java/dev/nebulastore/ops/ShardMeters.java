package dev.nebulastore.ops;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.shard.ShardWorkers;
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
 * Counts what shards commit and what supervision does for them. All counters are there from the
 * start, or from when their shard comes, so that a rate over the first event is not lost.
 *
 * <p>Threads: safe for all.
 */
@Component
final class ShardMeters
    implements ChangeListener,
        ShardSupervisor.Listener,
        ShardWorkers.Listener,
        SmartInitializingSingleton {

  private final MeterRegistry registry;
  private final ObjectProvider<ShardWorkers> workers;
  private final Counter puts;
  private final Counter deletes;
  private final Counter expiries;
  private final Timer timeToHeal;

  ShardMeters(MeterRegistry registry, ObjectProvider<ShardWorkers> workers) {
    this.registry = registry;
    this.workers = workers;
    this.puts = changes("put");
    this.deletes = changes("delete");
    this.expiries = changes("expire");
    this.timeToHeal =
        Timer.builder("nebula.supervision.heal")
            .description("From the end of a worker until its successor serves")
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
    ShardWorkers table = workers.getObject();
    table.shards().forEach(this::joined);
    table.addListener(this);
  }

  @Override
  public void joined(int shard) {
    for (Reason reason : Reason.values()) {
      var _ = restarts(shard, reason);
    }
    var _ = setsAside(shard);
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
  public void uncertain(int shard, List<Change> changes) {}

  @Override
  public void restarted(int shard, Reason reason, Duration healedIn) {
    restarts(shard, reason).increment();
    timeToHeal.record(healedIn);
  }

  @Override
  public void setAside(int shard, Duration delay) {
    setsAside(shard).increment();
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
        .description("Workers replaced, by what ended them")
        .tag("shard", Integer.toString(shard))
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private Counter setsAside(int shard) {
    return Counter.builder("nebula.supervision.set.aside")
        .description("How often the shard was quarantined since it died too often")
        .tag("shard", Integer.toString(shard))
        .register(registry);
  }
}
