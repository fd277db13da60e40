package dev.nebulastore.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Value;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.memory.MemoryEngines;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShardRouterTests {

  private final Heard heard = new Heard();
  private final HashRing ring = HashRing.ofShards(3, 64);
  private final Map<Integer, Integer> changes = new ConcurrentHashMap<>();
  private final Shards shards =
      Shards.create(
          3,
          MemoryEngines.create(Long.MAX_VALUE),
          InstantSource.system(),
          (shard, made) -> changes.merge(shard, made.size(), Integer::sum));
  private final ShardRouter router = new ShardRouter(shards.registry, shards.gateway, ring, heard);

  @BeforeEach
  void start() {
    shards.start();
  }

  @AfterEach
  void stop() {
    shards.stop();
  }

  private static Command put(String key) {
    Value value = new Value(new byte[0], "text/plain");
    return new Command.Put(Key.of(key), Precondition.NONE, value, null, false);
  }

  @Test
  void keysLiveWhereTheRingSays() {
    int[] expected = new int[3];
    for (int i = 0; i < 300; i++) {
      Key key = Key.of("key" + i);
      var _ = router.execute(put(key.toString()));
      assertThat(router.shardOf(key)).isEqualTo(ring.ownerOf(key.utf8()));
      expected[ring.ownerOf(key.utf8())]++;
    }
    for (int shard = 0; shard < 3; shard++) {
      assertThat(changes.getOrDefault(shard, 0)).isEqualTo(expected[shard]).isPositive();
    }
  }

  @Test
  void reportsOutcomesAndFailures() {
    var _ = router.execute(put("a"));
    var _ = router.execute(new Command.Get(Key.of("a"), Precondition.NONE));
    shards.registry.quarantine(router.shardOf(Key.of("a")), 1, Duration.ofMinutes(1));
    assertThatThrownBy(() -> router.execute(put("a")))
        .isInstanceOf(KvException.ShardSetAside.class);
    Transaction transaction = new Transaction(List.of(), List.of(put("a")), List.of());
    assertThatThrownBy(() -> router.execute(transaction, ContentBudget.UNLIMITED))
        .isInstanceOf(KvException.ShardSetAside.class);
    shards.registry.revive(router.shardOf(Key.of("a")));
    var _ = router.execute(transaction, ContentBudget.UNLIMITED);
    assertThat(heard.words)
        .containsExactly("Created", "Found", "shard-set-aside", "shard-set-aside", "Committed");
  }
}
