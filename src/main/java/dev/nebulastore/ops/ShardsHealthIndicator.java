package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.supervision.ShardSupervisor;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/**
 * Health of the shards: UP if all serve, DEGRADED (still 200) if some are quarantined, DOWN if all
 * are, or no virtual thread runs any more.
 *
 * <p>Threads: immutable.
 */
@Component
final class ShardsHealthIndicator implements HealthIndicator {

  private static final Status DEGRADED = new Status("DEGRADED", "some shards are quarantined");

  private final ShardWorkers workers;
  private final ShardSupervisor supervisor;

  ShardsHealthIndicator(ShardWorkers workers, ShardSupervisor supervisor) {
    this.workers = workers;
    this.supervisor = supervisor;
  }

  @Override
  public Health health() {
    List<ShardStatus> statuses = workers.statuses();
    long resting = statuses.stream().filter(status -> status.state() == State.SET_ASIDE).count();
    Status status = resting == 0 ? Status.UP : resting < statuses.size() ? DEGRADED : Status.DOWN;
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
