package dev.nebulastore.ops.endpoint;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.router.Resizer;
import dev.nebulastore.router.ShardRouter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/ring}: the share of each shard, and with {@code ?key=} the shard of a key.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = "ring")
final class RingEndpoint {

  /** One shard; {@code share} is its part of the whole ring. */
  record Member(int shard, int weight, double share) {}

  /** The ring; during a resize, the one that it leads to. */
  record RingView(int virtualPoints, double imbalance, List<Member> members, ResizeView resize) {}

  /** The shard of a key. */
  record Place(String key, int shard) {}

  private final ShardRouter router;
  private final Resizer resizer;

  RingEndpoint(ShardRouter router, Resizer resizer) {
    this.router = router;
    this.resizer = resizer;
  }

  /** The ring, or the shard of one key. */
  @ReadOperation
  Object ring(@Nullable String key) {
    if (key != null) {
      return new Place(key, router.shardOf(Key.of(key)));
    }
    HashRing ring = resizer.ring();
    Map<Integer, Double> shares = ring.shares();
    List<Member> members =
        ring.weights().entrySet().stream()
            .map(weight ->
                new Member(
                    weight.getKey(), weight.getValue(), shares.getOrDefault(weight.getKey(), 0.0)))
            .toList();
    return new RingView(
        ring.virtualPoints(), ring.imbalance(), members, ResizeView.of(resizer.progress()));
  }
}
