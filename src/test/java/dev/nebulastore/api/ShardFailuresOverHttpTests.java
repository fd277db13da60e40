package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.memory.MemoryEngines;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;

/** Responses of a shard that fails, over an engine with injected faults. */
@ServerTest
@Import(ShardFailuresOverHttpTests.Faults.class)
@TestPropertySource(
    properties = {
      "nebula.shards.count=1",
      "nebula.shards.mailbox-capacity=2",
      "nebula.shards.deadline=300ms",
      "nebula.supervision.interval=1m"
    })
class ShardFailuresOverHttpTests {

  private static final int ROOM = 4_000;

  private final int port;
  private final HookedEngine engine;
  private final ShardRegistry registry;

  ShardFailuresOverHttpTests(
      @LocalServerPort int port, HookedEngine engine, ShardRegistry registry) {
    this.port = port;
    this.engine = engine;
    this.registry = registry;
  }

  @TestConfiguration(proxyBeanMethods = false)
  static class Faults {
    @Bean
    @Primary
    HookedEngine hookedEngine() {
      return new HookedEngine(MemoryEngines.create(ROOM));
    }
  }

  /** Asks on its own connection, since Tomcat closes the connection after a 503. */
  private Response ask(String method, String target) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target);
    }
  }

  private Response put(String target, byte[] body) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("PUT", target, body);
    }
  }

  private CompletableFuture<Response> send(String method, String target) {
    return CompletableFuture.supplyAsync(
        () -> ask(method, target), task -> Thread.ofVirtual().start(task));
  }

  /** So that a failure of one test does not affect the next one. */
  @AfterEach
  void heal() {
    engine.onGet(key -> {});
    registry.revive(0);
  }

  private static void assertNotApplied(ProblemJson problem) {
    assertThat(problem.member("applied")).isEqualTo("no");
    assertThat(problem.member("shard")).isEqualTo("0");
  }

  @Test
  void fullMailboxDeadlineAndStuckCommandDiffer() {
    Hold hold = engine.holdAt(Key.of("held"));
    var held = send("GET", "/kv/held");
    hold.awaitReached();
    List<CompletableFuture<Response>> waiting =
        IntStream.range(0, 2).mapToObj(i -> send("DELETE", "/kv/waiting")).toList();
    await().until(() -> registry.status(0).mailbox() == 2);

    Response full = ask("DELETE", "/kv/refused");
    assertNotApplied(ProblemJson.of(full, 503, Problem.MAILBOX_FULL));
    assertThat(full.text()).contains("is reached (`nebula.shards.mailbox-capacity`).");
    assertThat(full.header("Retry-After")).hasValue("1");

    for (CompletableFuture<Response> late : waiting) {
      Response dropped = late.join();
      assertNotApplied(ProblemJson.of(dropped, 503, Problem.DEADLINE_EXCEEDED));
      assertThat(dropped.header("Retry-After")).hasValue("1");
    }
    ProblemJson unknown = ProblemJson.of(held.join(), 504, Problem.OUTCOME_UNKNOWN);
    assertThat(unknown.member("applied")).isEqualTo("unknown");
    assertThat(unknown.member("key")).isEqualTo("held");

    hold.release();
    await().until(() -> registry.status(0).mailbox() == 0);
    assertThat(ask("GET", "/kv/held").status()).isEqualTo(404);
  }

  @Test
  void workerDeathFailsOnlyTheExecutingCommand() {
    engine.onGet(key -> {
      if (key.equals(Key.of("poison"))) {
        throw new StackOverflowError("poison");
      }
    });
    ProblemJson.of(ask("GET", "/kv/poison"), 504, Problem.OUTCOME_UNKNOWN);
    engine.onGet(key -> {});
    assertThat(ask("GET", "/kv/poison").status()).isEqualTo(404);
  }

  @Test
  void quarantinedShardIs503UntilItRecovers() {
    registry.quarantine(0, registry.status(0).generation(), Duration.ofSeconds(30));
    Response refused = ask("GET", "/kv/a");
    assertNotApplied(ProblemJson.of(refused, 503, Problem.SHARD_SET_ASIDE));
    assertThat(refused.header("Retry-After").map(Integer::parseInt))
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(20, 30));
    registry.revive(0);
    assertThat(ask("GET", "/kv/a").status()).isEqualTo(404);
  }

  @Test
  void fullStoreRefusesOnlyGrowingWrites() {
    byte[] half = new byte[ROOM / 2];
    assertThat(put("/kv/first", half).status()).isEqualTo(201);
    assertNotApplied(ProblemJson.of(put("/kv/second", half), 507, Problem.STORE_FULL));
    assertThat(ask("GET", "/kv/second").status()).isEqualTo(404);
    assertThat(ask("GET", "/kv/first").body()).isEqualTo(half);
    assertThat(put("/kv/first", new byte[1]).status()).isEqualTo(204);
    assertThat(put("/kv/first", half).status()).isEqualTo(204);
    assertThat(ask("DELETE", "/kv/first").status()).isEqualTo(204);
    assertThat(put("/kv/second", half).status()).isEqualTo(201);
    assertThat(ask("DELETE", "/kv/second").status()).isEqualTo(204);
  }
}
