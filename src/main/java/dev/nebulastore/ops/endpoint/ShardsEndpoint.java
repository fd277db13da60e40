package dev.nebulastore.ops.endpoint;

import dev.nebulastore.router.Resizer;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus;
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
 * {@code /actuator/shards}: shows the shards, changes their number, and kills a worker to test its
 * recovery. Changes need {@code management.endpoint.shards.access=unrestricted}.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = "shards", defaultAccess = Access.READ_ONLY)
final class ShardsEndpoint {

  /** All shards. */
  record ShardsView(List<ShardView> shards, ResizeView resize) {}

  /** A requested kill, which the worker may not have processed yet. */
  record Kill(int shard, long killedGeneration) {}

  private final ShardRegistry registry;
  private final ShardSupervisor supervisor;
  private final Resizer resizer;

  ShardsEndpoint(ShardRegistry registry, ShardSupervisor supervisor, Resizer resizer) {
    this.registry = registry;
    this.supervisor = supervisor;
    this.resizer = resizer;
  }

  /** All shards, and the progress of the last change of their number. */
  @ReadOperation
  ShardsView all() {
    return new ShardsView(
        registry.statuses().stream().map(this::view).toList(), ResizeView.of(resizer.progress()));
  }

  /** Starts to change the number of shards: 202, or 200 if it is already the number. */
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
    return view(registry.status(shard));
  }

  /** Kills the shard's worker before its next command. */
  @DeleteOperation
  WebEndpointResponse<Kill> kill(@Selector int shard) {
    return new WebEndpointResponse<>(new Kill(shard, registry.kill(shard)), 202);
  }

  private ShardView view(ShardStatus status) {
    return ShardView.of(status, supervisor.report(status.shard()));
  }
}
