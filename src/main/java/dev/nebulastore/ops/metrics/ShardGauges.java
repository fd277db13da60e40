package dev.nebulastore.ops.metrics;

import dev.nebulastore.router.Resize;
import dev.nebulastore.router.Resizer;
import dev.nebulastore.shard.ShardListener;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus;
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
 * Gauges of the shards and the ring, computed when they are scraped.
 *
 * <p>Threads: thread-safe.
 */
@Component
final class ShardGauges implements MeterBinder, ShardListener {

  private static final String DEPTH = "nebula.mailbox.depth";
  private static final String CAPACITY = "nebula.mailbox.capacity";
  private static final String REJECTIONS = "nebula.mailbox.rejections";
  private static final String SERVING = "nebula.shard.serving";

  private final ShardRegistry shards;
  private final Resizer resizer;
  private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

  ShardGauges(ShardRegistry shards, Resizer resizer) {
    this.shards = shards;
    this.resizer = resizer;
    shards.addListener(this);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    registries.add(registry);
    shards.shards().forEach(shard -> bind(shard, registry));
    Gauge.builder("nebula.shards", shards, table -> table.shards().size())
        .description("Number of shards")
        .register(registry);
    Gauge.builder("nebula.ring.imbalance", resizer, r -> r.ring().imbalance())
        .description("Largest share of the ring divided by its fair share; 1 is ideal")
        .baseUnit("ratio")
        .register(registry);
    Gauge.builder("nebula.resize.remaining", resizer, r -> remaining(r.progress()))
        .description("Part of the ring that has yet to move, from 1 to 0")
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
    gauge(
        registry,
        CAPACITY,
        "Limit of commands that wait for the shard",
        shard,
        ShardStatus::capacity);
    gauge(
        registry,
        SERVING,
        "1 if the shard has a live worker, otherwise 0",
        shard,
        status -> status.state() == ShardStatus.State.SERVING ? 1 : 0);
    FunctionCounter.builder(REJECTIONS, shards, ofShard(shard, ShardStatus::rejected))
        .description("Commands refused because the mailbox was full")
        .tags(tags(shard))
        .register(registry);
  }

  private static Tags tags(int shard) {
    return Tags.of("shard", Integer.toString(shard));
  }

  private static ToDoubleFunction<ShardRegistry> ofShard(
      int shard, ToDoubleFunction<ShardStatus> figure) {
    return shards -> figure.applyAsDouble(shards.status(shard));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      int shard,
      ToDoubleFunction<ShardStatus> figure) {
    Gauge.builder(name, shards, ofShard(shard, figure))
        .description(description)
        .tags(tags(shard))
        .register(registry);
  }
}
