package dev.nebulastore.ops;

import dev.nebulastore.router.Resizer;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.supervision.ShardSupervisor;
import java.util.List;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/shards}: how the shards are, and ways to change their number, and to kill one
 * and see it heal. Both take {@code management.endpoint.shards.access=unrestricted}.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = "shards", defaultAccess = Access.READ_ONLY)
final class ShardsEndpoint {

  /** All shards. */
  record ShardsView(List<ShardView> shards, ResizeView resize) {}

  /** A kill that was asked for; the worker may not have come to it yet. */
  record Kill(int shard, long killedGeneration) {}

  private final ShardWorkers workers;
  private final ShardSupervisor supervisor;
  private final Resizer resizer;

  ShardsEndpoint(ShardWorkers workers, ShardSupervisor supervisor, Resizer resizer) {
    this.workers = workers;
    this.supervisor = supervisor;
    this.resizer = resizer;
  }

  /** All shards, and how far the last change of their number has come. */
  @ReadOperation
  ShardsView all() {
    return new ShardsView(
        workers.statuses().stream().map(this::view).toList(), ResizeView.of(resizer.progress()));
  }

  /** Begins to change the number of shards; 200 if there are so many. */
  @WriteOperation
  WebEndpointResponse<ResizeView> resize(int count) {
    try {
      int status = resizer.resize(count) ? 202 : 200;
      return new WebEndpointResponse<>(ResizeView.of(resizer.progress()), status);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new InvalidEndpointRequestException(reason, reason);
    }
  }

  /** One shard. */
  @ReadOperation
  ShardView one(@Selector int shard) {
    return view(workers.status(shard));
  }

  /** Kills the shard's worker before its next command. */
  @DeleteOperation
  WebEndpointResponse<Kill> kill(@Selector int shard) {
    return new WebEndpointResponse<>(new Kill(shard, workers.kill(shard)), 202);
  }

  private ShardView view(ShardStatus status) {
    return ShardView.of(status, supervisor.report(status.shard()));
  }
}
