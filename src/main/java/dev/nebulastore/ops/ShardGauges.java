package dev.nebulastore.ops;

import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardWorkers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/**
 * Shows how the shards and the ring are: read when somebody scrapes, free otherwise.
 *
 * <p>Threads: immutable.
 */
@Component
final class ShardGauges implements MeterBinder {

  private final ShardWorkers workers;
  private final ShardRouter router;

  ShardGauges(ShardWorkers workers, ShardRouter router) {
    this.workers = workers;
    this.router = router;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (int shard : workers.shards()) {
      Tags tags = Tags.of("shard", Integer.toString(shard));
      gauge(
          registry,
          "nebula.mailbox.depth",
          "Commands that wait for the shard",
          tags,
          ofShard(shard, ShardStatus::mailbox));
      gauge(
          registry,
          "nebula.mailbox.capacity",
          "Commands that may wait for the shard",
          tags,
          ofShard(shard, ShardStatus::capacity));
      gauge(
          registry,
          "nebula.shard.serving",
          "1 if the shard has a living worker, else 0",
          tags,
          ofShard(shard, status -> status.state() == ShardStatus.State.SERVING ? 1 : 0));
      FunctionCounter.builder(
              "nebula.mailbox.rejections", workers, ofShard(shard, ShardStatus::rejected))
          .description("Commands refused because the mailbox was full")
          .tags(tags)
          .register(registry);
    }
    Gauge.builder("nebula.ring.imbalance", router, r -> r.ring().imbalance())
        .description("The largest share of the ring over its fair share; 1 is perfect")
        .baseUnit("ratio")
        .register(registry);
  }

  private static ToDoubleFunction<ShardWorkers> ofShard(
      int shard, ToDoubleFunction<ShardStatus> figure) {
    return workers -> figure.applyAsDouble(workers.status(shard));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      Tags tags,
      ToDoubleFunction<ShardWorkers> figure) {
    Gauge.builder(name, workers, figure).description(description).tags(tags).register(registry);
  }
}
