package dev.nebulastore.ops;

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
 * {@code /actuator/ring}: who owns how much of the ring, and with {@code ?key=} where a key lives.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = "ring")
final class RingEndpoint {

  /** One shard's part; {@code share} is of the whole ring. */
  record Member(int shard, int weight, double share) {}

  /** The whole ring, as it will be if it is being resized. */
  record RingView(int virtualPoints, double imbalance, List<Member> members, ResizeView resize) {}

  /** Where a key lives. */
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
