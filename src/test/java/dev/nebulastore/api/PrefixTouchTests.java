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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/**
 * The contract of {@code PATCH /keys?prefix=&ttl=}, as far as it differs from that of {@code DELETE
 * /keys}: see {@link PrefixDeletionTests}, whose server this is.
 */
@ServerTest
@Import(FaultyMemory.class)
@TestPropertySource(
    properties = {
      "nebula.shards.count=2",
      "nebula.shards.mailbox-capacity=16",
      "nebula.supervision.interval=1m"
    })
class PrefixTouchTests {

  private final int port;
  private final SteppedTime time;
  private final HookedEngine engine;
  private final ShardRegistry registry;
  private final ShardRouter router;

  PrefixTouchTests(
      @LocalServerPort int port,
      SteppedTime time,
      HookedEngine engine,
      ShardRegistry registry,
      ShardRouter router) {
    this.port = port;
    this.time = time;
    this.engine = engine;
    this.registry = registry;
    this.router = router;
  }

  @AfterEach
  void heal() {
    engine.onScan(range -> {});
    registry.shards().forEach(registry::revive);
    assertThat(ask("DELETE", "/keys?prefix=&everything=true").status()).isEqualTo(200);
  }

  private Response ask(String method, String target, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, headers);
    }
  }

  private void put(int size, String... targets) {
    try (RawHttp http = new RawHttp(port)) {
      for (String target : targets) {
        assertThat(http.ask("PUT", "/kv/" + target, new byte[size]).status()).isIn(201, 204);
      }
    }
  }

  private void assertExpires(String key, Duration ttl) {
    assertThat(ask("GET", "/kv/" + key).header("Nebula-Expires"))
        .as(key)
        .hasValue(time.instant().plus(ttl).toString());
  }

  private void assertStays(String key) {
    Response found = ask("GET", "/kv/" + key);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.header("Nebula-Expires")).as(key).isEmpty();
  }

  @Test
  void changesTheExpiryOfExactlyTheKeysWithThePrefix() {
    put(1, "a", "a/1?ttl=9s", "a/2", "b");
    String before = ask("GET", "/kv/a/1").etag();
    Response touched = ask("PATCH", "/keys?prefix=a/&ttl=1h");
    assertThat(touched.text()).isEqualTo("{\"touched\":2}");
    assertThat(touched.header("Cache-Control")).hasValue("no-store");
    assertExpires("a/1", Duration.ofHours(1));
    assertExpires("a/2", Duration.ofHours(1));
    assertThat(ask("GET", "/kv/a/1").etag()).isNotEqualTo(before);
    assertStays("a");
    assertStays("b");
    assertThat(ask("PATCH", "/keys?prefix=a/&ttl=none").text()).isEqualTo("{\"touched\":2}");
    assertStays("a/1");
    assertThat(ask("PATCH", "/keys?prefix=c&ttl=1h").text()).isEqualTo("{\"touched\":0}");
  }

  @Test
  void allKeysAreChangedOnlyIfThatIsConfirmed() {
    put(1, "a", "b");
    ProblemJson problem =
        ProblemJson.of(ask("PATCH", "/keys?prefix=&ttl=1s"), 400, Problem.EVERYTHING_REQUIRED);
    assertThat(problem.member("detail")).contains("all keys would be changed");
    assertStays("a");
    assertThat(ask("PATCH", "/keys?prefix=&everything=true&ttl=1h").text())
        .isEqualTo("{\"touched\":2}");
    assertExpires("b", Duration.ofHours(1));
  }

  @Test
  void dryRunOnlyCounts() {
    put(1, "a/1", "a/2", "b");
    assertThat(ask("PATCH", "/keys?prefix=a/&ttl=1h&dry-run=true").text())
        .isEqualTo("{\"touched\":0,\"wouldTouch\":2}");
    assertStays("a/1");
  }

  @Test
  void changesMoreThanAMailboxHolds() {
    put(1, IntStream.range(0, 2_500).mapToObj(i -> "many/" + i).toArray(String[]::new));
    assertThat(ask("PATCH", "/keys?prefix=many/&ttl=1h").text()).isEqualTo("{\"touched\":2500}");
  }

  @Test
  void largeValuesAreKept() {
    put(400_000, IntStream.range(0, 40).mapToObj(i -> "large/" + i).toArray(String[]::new));
    assertThat(ask("PATCH", "/keys?prefix=large/&ttl=1h").text()).isEqualTo("{\"touched\":40}");
    assertThat(ask("GET", "/kv/large/7").body()).hasSize(400_000);
  }

  @Test
  void laterWritesKeepTheirOwnExpiry() {
    put(1, "m/1", "m/2");
    AtomicInteger scans = new AtomicInteger();
    engine.onScan(range -> {
      if (scans.getAndIncrement() == 0) {
        put(1, "m/3", "m/4", "m/5", "m/6");
      }
    });
    assertThat(ask("PATCH", "/keys?prefix=m/&ttl=1h").text()).isEqualTo("{\"touched\":2}");
    for (String key : List.of("m/3", "m/4", "m/5", "m/6")) {
      assertStays(key);
    }
  }

  @Test
  void entriesOverwrittenMeanwhileKeepTheirOwnExpiry() {
    put(1, "o/1");
    int shard = router.shardOf(Key.of("o/1"));
    HookedEngine.Hold hold = engine.holdAt(Key.of("o/1"));
    var overwrite =
        CompletableFuture.runAsync(() -> put(1, "o/1"), task -> Thread.ofVirtual().start(task));
    hold.awaitReached();
    var change =
        CompletableFuture.supplyAsync(
            () -> ask("PATCH", "/keys?prefix=o/&ttl=1h"), task -> Thread.ofVirtual().start(task));
    await().until(() -> registry.status(shard).mailbox() == 1);
    hold.release();
    overwrite.join();
    assertThat(change.join().text()).isEqualTo("{\"touched\":0}");
    assertStays("o/1");
  }

  @Test
  void failureTellsHowManyWereChanged() {
    put(1, "n/1");
    registry
        .shards()
        .forEach(shard ->
            registry.quarantine(shard, registry.status(shard).generation(), Duration.ofHours(1)));
    ProblemJson problem =
        ProblemJson.of(ask("PATCH", "/keys?prefix=n/&ttl=1h"), 503, Problem.SHARD_SET_ASIDE);
    assertThat(problem.member("applied")).isEqualTo("no");
    assertThat(problem.member("detail")).contains("0 entries were touched");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?prefix=a", "?prefix=a&ttl=", "?prefix=a&ttl=0", "?prefix=a&ttl=soon"})
  void timeToLiveIsRequired(String query) {
    ProblemJson.of(ask("PATCH", "/keys" + query), 400, Problem.INVALID_TTL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"?ttl=1h", "?ttl=1h&prefix=a&limit=1", "?ttl=1h&ttl=1h&prefix=a", "?ttl=1h&x="})
  void otherParametersAreRefused(String query) {
    put(1, "stays");
    ProblemJson.of(ask("PATCH", "/keys" + query), 400, Problem.INVALID_PARAMETER);
    assertStays("stays");
  }

  @Test
  void conditionsAndBodiesAreRefused() {
    put(1, "stays");
    String target = "/keys?prefix=st&ttl=1h";
    ProblemJson.of(ask("PATCH", target, "If-Match: *"), 400, Problem.INVALID_CONDITION);
    try (RawHttp http = new RawHttp(port)) {
      ProblemJson.of(http.ask("PATCH", target, new byte[1]), 400, Problem.INVALID_REQUEST);
    }
    assertStays("stays");
  }

  @Test
  void timeToLiveIsNoParameterOfADeletion() {
    ProblemJson.of(ask("DELETE", "/keys?prefix=a&ttl=1h"), 400, Problem.INVALID_PARAMETER);
  }
}
