package dev.nebulastore.ops.health;

import dev.nebulastore.ops.endpoint.ShardView;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.supervision.ShardSupervisor;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/**
 * Health of the shards: UP if all serve, DEGRADED (still 200) if some are quarantined, DOWN if all
 * are quarantined or no virtual thread runs any more.
 *
 * <p>Threads: immutable.
 */
@Component
final class ShardsHealthIndicator implements HealthIndicator {

  private static final Status DEGRADED = new Status("DEGRADED", "some shards are quarantined");

  private final ShardRegistry registry;
  private final ShardSupervisor supervisor;

  ShardsHealthIndicator(ShardRegistry registry, ShardSupervisor supervisor) {
    this.registry = registry;
    this.supervisor = supervisor;
  }

  @Override
  public Health health() {
    List<ShardStatus> statuses = registry.statuses();
    long quarantined =
        statuses.stream().filter(status -> status.state() == State.QUARANTINED).count();
    Status status =
        quarantined == 0 ? Status.UP : quarantined < statuses.size() ? DEGRADED : Status.DOWN;
    boolean held = supervisor.carriersHeld();
    Health.Builder health = Health.status(held ? Status.DOWN : status);
    if (held) {
      health.withDetail("cause", "No virtual thread runs any more: all carriers are held.");
    }
    for (ShardStatus shard : statuses) {
      health.withDetail(
          Integer.toString(shard.shard()), ShardView.of(shard, supervisor.report(shard.shard())));
    }
    return health.build();
  }
}
