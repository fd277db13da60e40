package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.supervision.ShardSupervisor;
import java.util.List;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/shards}: how the shards are, and a way to kill one and see it heal. Killing
 * takes {@code management.endpoint.shards.access=unrestricted}.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = "shards", defaultAccess = Access.READ_ONLY)
final class ShardsEndpoint {

  /** A kill that was asked for; the worker may not have come to it yet. */
  record Kill(int shard, long killedGeneration) {}

  private final ShardWorkers workers;
  private final ShardSupervisor supervisor;

  ShardsEndpoint(ShardWorkers workers, ShardSupervisor supervisor) {
    this.workers = workers;
    this.supervisor = supervisor;
  }

  /** All shards. */
  @ReadOperation
  Map<String, List<ShardView>> all() {
    return Map.of("shards", workers.shards().stream().map(this::view).toList());
  }

  /** One shard. */
  @ReadOperation
  ShardView one(@Selector int shard) {
    return view(shard);
  }

  /** Kills the shard's worker before its next command. */
  @DeleteOperation
  WebEndpointResponse<Kill> kill(@Selector int shard) {
    return new WebEndpointResponse<>(new Kill(shard, workers.kill(shard)), 202);
  }

  private ShardView view(int shard) {
    return ShardView.of(workers.status(shard), supervisor.report(shard));
  }
}
