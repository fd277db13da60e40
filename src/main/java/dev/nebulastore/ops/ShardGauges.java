package dev.nebulastore.ops;

import dev.nebulastore.router.Resize;
import dev.nebulastore.router.Resizer;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardWorkers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/**
 * Shows how the shards and the ring are: read when somebody scrapes, free otherwise.
 *
 * <p>Threads: safe for all.
 */
@Component
final class ShardGauges implements MeterBinder, ShardWorkers.Listener {

  private static final String DEPTH = "nebula.mailbox.depth";
  private static final String CAPACITY = "nebula.mailbox.capacity";
  private static final String REJECTIONS = "nebula.mailbox.rejections";
  private static final String SERVING = "nebula.shard.serving";

  private final ShardWorkers workers;
  private final Resizer resizer;
  private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

  ShardGauges(ShardWorkers workers, Resizer resizer) {
    this.workers = workers;
    this.resizer = resizer;
    workers.addListener(this);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    registries.add(registry);
    workers.shards().forEach(shard -> bind(shard, registry));
    Gauge.builder("nebula.shards", workers, table -> table.shards().size())
        .description("How many shards there are")
        .register(registry);
    Gauge.builder("nebula.ring.imbalance", resizer, r -> r.ring().imbalance())
        .description("The largest share of the ring over its fair share; 1 is perfect")
        .baseUnit("ratio")
        .register(registry);
    Gauge.builder("nebula.resize.remaining", resizer, r -> remaining(r.progress()))
        .description("The part of the ring that has still to move, from 1 to 0")
        .baseUnit("ratio")
        .register(registry);
  }

  private static double remaining(Resize resize) {
    return resize.state() == Resize.State.MOVING ? resize.share() - resize.shareMoved() : 0;
  }

  @Override
  public void joined(int shard) {
    registries.forEach(registry -> bind(shard, registry));
  }

  @Override
  public void left(int shard) {
    for (MeterRegistry registry : registries) {
      for (String name : List.of(DEPTH, CAPACITY, REJECTIONS, SERVING)) {
        registry.find(name).tags(tags(shard)).meters().forEach(registry::remove);
      }
    }
  }

  private void bind(int shard, MeterRegistry registry) {
    gauge(registry, DEPTH, "Commands that wait for the shard", shard, ShardStatus::mailbox);
    gauge(registry, CAPACITY, "Commands that may wait for the shard", shard, ShardStatus::capacity);
    gauge(
        registry,
        SERVING,
        "1 if the shard has a living worker, else 0",
        shard,
        status -> status.state() == ShardStatus.State.SERVING ? 1 : 0);
    FunctionCounter.builder(REJECTIONS, workers, ofShard(shard, ShardStatus::rejected))
        .description("Commands refused because the mailbox was full")
        .tags(tags(shard))
        .register(registry);
  }

  private static Tags tags(int shard) {
    return Tags.of("shard", Integer.toString(shard));
  }

  private static ToDoubleFunction<ShardWorkers> ofShard(
      int shard, ToDoubleFunction<ShardStatus> figure) {
    return workers -> figure.applyAsDouble(workers.status(shard));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      int shard,
      ToDoubleFunction<ShardStatus> figure) {
    Gauge.builder(name, workers, ofShard(shard, figure))
        .description(description)
        .tags(tags(shard))
        .register(registry);
  }
}
