package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.storage.HookedEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** The contract of {@code DELETE /keys?prefix=}, also with more keys than a mailbox holds. */
@ServerTest
@Import(FaultyMemory.class)
@TestPropertySource(
    properties = {
      "nebula.shards.count=2",
      "nebula.shards.mailbox-capacity=16",
      "nebula.supervision.interval=1m"
    })
class PrefixDeletionTests {

  private final int port;
  private final HookedEngine engine;
  private final ShardRegistry registry;
  private final ShardRouter router;

  PrefixDeletionTests(
      @LocalServerPort int port, HookedEngine engine, ShardRegistry registry, ShardRouter router) {
    this.port = port;
    this.engine = engine;
    this.registry = registry;
    this.router = router;
  }

  @AfterEach
  void heal() {
    engine.onScan(range -> {});
    engine.onGet(key -> {});
    registry.shards().forEach(registry::revive);
    assertThat(ask("DELETE", "/keys?prefix=&everything=true").status()).isEqualTo(200);
  }

  private Response ask(String method, String target, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, headers);
    }
  }

  private void put(RawHttp http, String key) {
    assertThat(http.ask("PUT", "/kv/" + key, new byte[1]).status()).isIn(201, 204);
  }

  private void put(String... keys) {
    try (RawHttp http = new RawHttp(port)) {
      for (String key : keys) {
        put(http, key);
      }
    }
  }

  private int status(String key) {
    return ask("GET", "/kv/" + key).status();
  }

  @Test
  void deletesExactlyTheKeysWithThePrefix() {
    put("a", "a/1", "a/2", "b", "a0");
    Response deleted = ask("DELETE", "/keys?prefix=a/");
    assertThat(deleted.text()).isEqualTo("{\"deleted\":2}");
    assertThat(deleted.header("Cache-Control")).hasValue("no-store");
    assertThat(status("a/1")).isEqualTo(404);
    assertThat(status("a")).isEqualTo(200);
    assertThat(ask("DELETE", "/keys?prefix=a/").text()).isEqualTo("{\"deleted\":0}");
    assertThat(ask("DELETE", "/keys?prefix=&everything=true").text()).isEqualTo("{\"deleted\":3}");
  }

  @Test
  void allKeysAreDeletedOnlyIfThatIsConfirmed() {
    put("a", "b");
    for (String query : List.of("?prefix=", "?prefix=&everything=false", "?prefix=&dry-run=true")) {
      ProblemJson.of(ask("DELETE", "/keys" + query), 400, Problem.EVERYTHING_REQUIRED);
    }
    for (String query :
        List.of("", "?everything=true", "?prefix=a&everything=true", "?prefix=&everything=yes")) {
      ProblemJson.of(ask("DELETE", "/keys" + query), 400, Problem.INVALID_PARAMETER);
    }
    assertThat(status("a")).isEqualTo(200);
    assertThat(ask("DELETE", "/keys?prefix=&everything=true").text()).isEqualTo("{\"deleted\":2}");
  }

  @Test
  void dryRunOnlyCounts() {
    put("a/1", "a/2", "b");
    String counted = "{\"deleted\":0,\"wouldDelete\":%d}";
    assertThat(ask("DELETE", "/keys?prefix=a/&dry-run=true").text())
        .isEqualTo(counted.formatted(2));
    assertThat(ask("DELETE", "/keys?prefix=c&dry-run=true").text()).isEqualTo(counted.formatted(0));
    assertThat(ask("DELETE", "/keys?prefix=&everything=true&dry-run=true").text())
        .isEqualTo(counted.formatted(3));
    assertThat(status("a/1")).isEqualTo(200);
    assertThat(ask("DELETE", "/keys?prefix=a/&dry-run=false").text()).isEqualTo("{\"deleted\":2}");
  }

  @Test
  void deletesMoreThanAMailboxHolds() {
    try (RawHttp http = new RawHttp(port)) {
      IntStream.range(0, 2_500).forEach(i -> put(http, "many/" + i));
    }
    assertThat(ask("DELETE", "/keys?prefix=many/").text()).isEqualTo("{\"deleted\":2500}");
  }

  @Test
  void laterWritesStay() {
    put("m/1", "m/2");
    AtomicInteger scans = new AtomicInteger();
    engine.onScan(range -> {
      if (scans.getAndIncrement() == 0) {
        put("m/3", "m/4", "m/5", "m/6");
      }
    });
    assertThat(ask("DELETE", "/keys?prefix=m/").text()).isEqualTo("{\"deleted\":2}");
    for (String key : List.of("m/3", "m/4", "m/5", "m/6")) {
      assertThat(status(key)).as(key).isEqualTo(200);
    }
  }

  /** One shard is far ahead of the other. A key written now in the other has a smaller version. */
  @Test
  void eachShardHasItsOwnBound() {
    String busy = keyOf(0, "u/");
    String idle = keyOf(1, "u/");
    try (RawHttp http = new RawHttp(port)) {
      IntStream.range(0, 100).forEach(i -> put(http, busy));
    }
    AtomicInteger scans = new AtomicInteger();
    engine.onScan(range -> {
      if (scans.getAndIncrement() == 0) {
        put(idle);
      }
    });
    assertThat(ask("DELETE", "/keys?prefix=u/").text()).isEqualTo("{\"deleted\":1}");
    assertThat(status(busy)).isEqualTo(404);
    assertThat(status(idle)).isEqualTo(200);
  }

  private String keyOf(int shard, String prefix) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> prefix + i)
        .filter(key -> shardOf(key) == shard)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void entriesOverwrittenMeanwhileStay() {
    put("o/1");
    int shard = shardOf("o/1");
    HookedEngine.Hold hold = engine.holdAt(Key.of("o/1"));
    var overwrite =
        CompletableFuture.runAsync(() -> put("o/1"), task -> Thread.ofVirtual().start(task));
    hold.awaitReached();
    var deletion =
        CompletableFuture.supplyAsync(
            () -> ask("DELETE", "/keys?prefix=o/"), task -> Thread.ofVirtual().start(task));
    await().until(() -> registry.status(shard).mailbox() == 1);
    hold.release();
    overwrite.join();
    assertThat(deletion.join().text()).isEqualTo("{\"deleted\":0}");
    assertThat(status("o/1")).isEqualTo(200);
  }

  /**
   * A client that closes its sending side counts as disconnected, which is detected after the end
   * of the request.
   */
  @Test
  void stopsSoonAfterItsClientHasGone() {
    put("g/1", "g/2", "g/3");
    try (RawHttp http = new RawHttp(port)) {
      AtomicInteger scans = new AtomicInteger();
      engine.onScan(range -> {
        if (scans.getAndIncrement() == 0) {
          http.sendEnd();
        }
      });
      http.send(RawHttp.bytes(RawHttp.head("DELETE", "/keys?prefix=g/") + "\r\n"));
      assertThat(http.rest()).isEmpty();
    }
    engine.onScan(range -> {});
    assertThat(ask("DELETE", "/keys?prefix=g/").text()).isEqualTo("{\"deleted\":3}");
  }

  @Test
  void pipeliningClientsAreNotGone() {
    put("p/1", "p/2");
    try (RawHttp http = new RawHttp(port)) {
      String deletion = RawHttp.head("DELETE", "/keys?prefix=p/") + "\r\n";
      http.send(RawHttp.bytes(deletion + RawHttp.head("GET", "/kv/p/1") + "\r\n"));
      assertThat(http.answerTo("DELETE").text()).isEqualTo("{\"deleted\":2}");
      assertThat(http.answerTo("GET").status()).isEqualTo(404);
    }
  }

  private int shardOf(String key) {
    return router.shardOf(Key.of(key));
  }

  @Test
  void lateFailureTellsHowManyWereDeleted() {
    try (RawHttp http = new RawHttp(port)) {
      IntStream.range(0, 1_500).forEach(i -> put(http, "f/%04d".formatted(i)));
    }
    AtomicInteger scans = new AtomicInteger();
    engine.onScan(range -> {
      if (scans.incrementAndGet() == 2) {
        registry
            .shards()
            .forEach(shard ->
                registry.quarantine(
                    shard, registry.status(shard).generation(), Duration.ofHours(1)));
      }
    });
    Response failed = ask("DELETE", "/keys?prefix=f/");
    ProblemJson problem = ProblemJson.of(failed, 503, Problem.SHARD_SET_ASIDE);
    assertThat(problem.member("applied")).isEqualTo("unknown");
    Matcher told = Pattern.compile("(\\d+) entries were deleted").matcher(problem.member("detail"));
    assertThat(told.find()).isTrue();
    int before = Integer.parseInt(told.group(1));
    assertThat(before).isPositive();
    assertThat(failed.header("Retry-After")).isPresent();
    registry.shards().forEach(registry::revive);
    assertThat(ask("DELETE", "/keys?prefix=f/").text())
        .isEqualTo("{\"deleted\":%d}".formatted(1_500 - before));
  }

  @Test
  void earlyFailureIsNotApplied() {
    put("n/1");
    registry
        .shards()
        .forEach(shard ->
            registry.quarantine(shard, registry.status(shard).generation(), Duration.ofHours(1)));
    ProblemJson problem =
        ProblemJson.of(ask("DELETE", "/keys?prefix=n/"), 503, Problem.SHARD_SET_ASIDE);
    assertThat(problem.member("applied")).isEqualTo("no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?", "?Prefix=a", "?prefix=a&limit=1", "?prefix=a&prefix=b"})
  void prefixIsTheOnlyParameter(String query) {
    put("stays");
    ProblemJson.of(ask("DELETE", "/keys" + query), 400, Problem.INVALID_PARAMETER);
    assertThat(status("stays")).isEqualTo(200);
  }

  @Test
  void conditionsAreRefused() {
    put("stays");
    Response refused = ask("DELETE", "/keys?prefix=&everything=true", "If-Match: \"a\"");
    ProblemJson.of(refused, 400, Problem.INVALID_CONDITION);
    assertThat(status("stays")).isEqualTo(200);
  }
}
