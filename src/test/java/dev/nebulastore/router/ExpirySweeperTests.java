package dev.nebulastore.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.memory.MemoryEngines;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExpirySweeperTests {

  private static final int STEP = 3;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  private final Shards shards =
      Shards.create(2, engine, now::get, (shard, committed) -> changes.addAll(committed));
  private final ShardRouter router =
      new ShardRouter(shards.registry, shards.gateway, HashRing.ofShards(2, 16), new Heard());
  private final ExpirySweeper sweeper = new ExpirySweeper(shards.gateway, router, STEP);

  @BeforeEach
  void start() {
    shards.start();
  }

  @AfterEach
  void stop() {
    shards.stop();
    engine.close();
  }

  private void put(String key, @Nullable Duration ttl) {
    Value value = new Value(new byte[1], "text/plain");
    var _ = router.execute(new Command.Put(Key.of(key), Precondition.NONE, value, ttl, false));
  }

  private long entries() {
    return engine.usage().entries();
  }

  private List<Key> expired() {
    return changes.stream().filter(Change.Expire.class::isInstance).map(Change::key).toList();
  }

  @Test
  void removesOnlyExpiredEntries() {
    List<Key> due = IntStream.range(0, 10).mapToObj(i -> Key.of("due" + i)).toList();
    due.forEach(key -> put(key.toString(), Duration.ofSeconds(1)));
    put("later", Duration.ofSeconds(2));
    put("stays", null);
    sweeper.sweep();
    assertThat(expired()).isEmpty();
    now.set(now.get().plusSeconds(1));
    sweeper.sweep();
    sweeper.sweep();
    assertThat(expired()).as("each published once").containsExactlyInAnyOrderElementsOf(due);
    assertThat(entries()).isEqualTo(2);
    assertThat(engine.expired(now.get(), null, 100)).isEmpty();
  }

  @Test
  void keepsEntriesWithANewTimeToLive() {
    put("k", Duration.ofSeconds(1));
    put("k", Duration.ofSeconds(60));
    now.set(now.get().plusSeconds(1));
    sweeper.sweep();
    assertThat(expired()).isEmpty();
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void failingShardDoesNotDelayOthers() {
    List<Key> due = IntStream.range(0, 40).mapToObj(i -> Key.of("due" + i)).toList();
    due.forEach(key -> put(key.toString(), Duration.ofSeconds(1)));
    List<Key> served = due.stream().filter(key -> router.shardOf(key) == 1).toList();
    assertThat(due.size() - served.size()).as("more than one step").isGreaterThan(STEP);
    shards.registry.quarantine(0, 1, Duration.ofMinutes(1));
    now.set(now.get().plusSeconds(1));
    sweeper.sweep();
    assertThat(expired()).containsExactlyInAnyOrderElementsOf(served);
    shards.registry.revive(0);
    sweeper.sweep();
    assertThat(expired()).containsExactlyInAnyOrderElementsOf(due);
  }

  /** Whether nothing, or a part, was removed before. */
  @ParameterizedTest
  @EnumSource
  void nextSweepRemovesAllAfterAnyError(Thrown what) {
    List<Key> due = IntStream.range(0, 10).mapToObj(i -> Key.of("due" + i)).toList();
    due.forEach(key -> put(key.toString(), Duration.ofSeconds(1)));
    now.set(now.get().plusSeconds(1));
    for (int good = 0; good < 2; good++) {
      AtomicInteger looks = new AtomicInteger(good);
      engine.onExpired(() -> {
        if (looks.getAndDecrement() == 0) {
          what.now();
        }
      });
      sweeper.sweep();
      assertThat(looks).as("it did fail").hasValue(-1);
      assertThat(expired()).hasSize(good * STEP);
    }
    sweeper.sweep();
    assertThat(expired()).containsExactlyInAnyOrderElementsOf(due);
    assertThat(entries()).isZero();
  }
}
