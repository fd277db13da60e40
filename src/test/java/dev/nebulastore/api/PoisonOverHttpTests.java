package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.storage.HookedEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** A key that kills every worker that looks it up, requested by many clients at once. */
@ServerTest
@Import(FaultyMemory.class)
@TestPropertySource(
    properties = {
      "nebula.shards.count=4",
      "nebula.supervision.within=1m",
      "nebula.supervision.interval=20ms",
      "nebula.supervision.retry-delay=4s"
    })
class PoisonOverHttpTests {

  private static final String POISON = "poison";
  private static final int CLIENTS = 64;

  private final int port;
  private final HookedEngine engine;
  private final ShardRegistry registry;
  private final ShardRouter router;

  PoisonOverHttpTests(
      @LocalServerPort int port, HookedEngine engine, ShardRegistry registry, ShardRouter router) {
    this.port = port;
    this.engine = engine;
    this.registry = registry;
    this.router = router;
  }

  @AfterEach
  void antidote() {
    engine.onGet(key -> {});
  }

  private Response ask(String method, String target) {
    try (RawHttp http = new RawHttp(port)) {
      return method.equals("PUT")
          ? http.ask(method, target, new byte[1])
          : http.ask(method, target);
    }
  }

  private int shardOf(String key) {
    return router.shardOf(Key.of(key));
  }

  private String keyWhere(IntPredicate shard) {
    return IntStream.range(0, 10_000)
        .mapToObj(i -> "near-" + i)
        .filter(key -> shard.test(shardOf(key)))
        .findFirst()
        .orElseThrow();
  }

  /** The generations of all shards except one. */
  private List<Long> generationsBut(int shard) {
    return registry.statuses().stream()
        .filter(status -> status.shard() != shard)
        .map(ShardStatus::generation)
        .toList();
  }

  /**
   * Whether the command was being executed when the worker died (504). Otherwise it must be refused
   * with a {@code Retry-After}.
   */
  private static boolean wasInHand(Response answer) {
    if (answer.status() == 504) {
      ProblemJson.of(answer, 504, Problem.OUTCOME_UNKNOWN);
      return true;
    }
    ProblemJson refused = ProblemJson.of(answer, 503, Problem.SHARD_SET_ASIDE);
    assertThat(refused.member("applied")).isEqualTo("no");
    assertThat(answer.header("Retry-After").map(Integer::parseInt))
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(1, 5));
    return false;
  }

  @Test
  void poisonedKeyQuarantinesOnlyItsShard() {
    int shard = shardOf(POISON);
    String neighbour = keyWhere(s -> s == shard);
    String other = keyWhere(s -> s != shard);
    assertThat(ask("PUT", "/kv/" + neighbour).status()).isEqualTo(201);
    assertThat(ask("PUT", "/kv/" + other).status()).isEqualTo(201);
    List<Long> before = generationsBut(shard);
    engine.onGet(key -> {
      if (key.equals(Key.of(POISON))) {
        throw new IllegalStateException("poison");
      }
    });

    List<CompletableFuture<Response>> asked = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      asked.add(
          CompletableFuture.supplyAsync(
              () -> ask("GET", "/kv/" + POISON), task -> Thread.ofVirtual().start(task)));
      if (i % 8 == 0) {
        assertThat(ask("GET", "/kv/" + other).status()).isEqualTo(200);
      }
    }
    long inHand = asked.stream().filter(answer -> wasInHand(answer.join())).count();
    assertThat(inHand).as("deaths: three restarts, and one more").isEqualTo(4);
    assertThat(registry.status(shard).state()).isEqualTo(State.QUARANTINED);
    assertThat(wasInHand(ask("GET", "/kv/" + neighbour))).isFalse();
    assertThat(ask("GET", "/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(generationsBut(shard)).isEqualTo(before);

    await().until(() -> registry.status(shard).state() == State.SERVING);
    assertThat(ask("GET", "/kv/" + neighbour).status()).isEqualTo(200);
    assertThat(ask("GET", "/kv/" + other).status()).isEqualTo(200);
  }
}
