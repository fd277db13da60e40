package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.EventReader.Block;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients that run while the number of shards changes and workers are killed. None of them may
 * notice it.
 */
@ServerTest
@TestPropertySource(
    properties = {
      "management.endpoint.shards.access=unrestricted",
      "nebula.supervision.max-restarts=1000"
    })
class ResizeOverHttpTests {

  private static final int STANDING = 1_500;
  private static final JsonMapper JSON = new JsonMapper();

  private final int port;
  private final AtomicBoolean stop = new AtomicBoolean();

  ResizeOverHttpTests(@LocalServerPort int port) {
    this.port = port;
  }

  private static JsonNode json(Response response) {
    return JSON.readTree(response.body());
  }

  private void resize(RawHttp http, int count) {
    Response begun =
        http.ask(
            "POST",
            "/actuator/shards",
            RawHttp.bytes("{\"count\":" + count + "}"),
            "Content-Type: application/json");
    assertThat(begun.status()).as("%s", begun).isIn(200, 202);
    await()
        .until(() ->
            !json(http.ask("GET", "/actuator/shards"))
                .path("resize")
                .path("state")
                .asString()
                .equals("moving"));
  }

  private <T> CompletableFuture<T> client(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> Thread.ofVirtual().start(task));
  }

  @Test
  void resizingIsInvisibleToClients() {
    try (RawHttp http = new RawHttp(port)) {
      for (int i = 0; i < STANDING; i++) {
        assertThat(http.ask("PUT", "/kv/standing/" + i, RawHttp.bytes("x")).status())
            .isEqualTo(201);
      }
      EventReader watching = EventReader.watching(port, "prefix=moving/");
      List<CompletableFuture<List<String>>> writers =
          IntStream.range(0, 4).mapToObj(writer -> client(() -> write(writer))).toList();
      var payer = client(this::transact);
      var lister = client(this::list);
      for (int count : List.of(9, 2, 13, 1, 5)) {
        resize(http, count);
        assertThat(json(http.ask("GET", "/actuator/shards")).path("shards")).hasSize(count);
        assertThat(http.ask("DELETE", "/actuator/shards/" + count / 2).status()).isEqualTo(202);
      }
      stop.set(true);
      List<List<String>> written = writers.stream().map(CompletableFuture::join).toList();
      assertThat(payer.join()).isPositive();
      assertThat(lister.join()).isPositive();
      assertToldInOrder(watching, written);
      watching.close();
    }
  }

  /**
   * Replaces its keys repeatedly, on condition that its last write is still there; returns all
   * versions.
   */
  private List<String> write(int writer) {
    List<String> etags = new ArrayList<>();
    String[] last = new String[7];
    try (RawHttp http = new RawHttp(port)) {
      for (int i = 0; !stop.get(); i++) {
        int key = i % last.length;
        String path = "/kv/moving/" + writer + "-" + key;
        String condition = last[key] == null ? "If-None-Match: *" : "If-Match: " + last[key];
        Response answer = http.ask("PUT", path, RawHttp.bytes("v" + i), condition);
        assertThat(answer.status()).as("%s", answer).isIn(201, 204);
        last[key] = answer.etag();
        etags.add(last[key]);
        Response read = http.ask("GET", path);
        assertThat(read.etag()).isEqualTo(last[key]);
        assertThat(read.text()).isEqualTo("v" + i);
      }
    }
    return etags;
  }

  /** Writes two keys in one transaction, and reads both back. */
  private int transact() {
    int made = 0;
    try (RawHttp http = new RawHttp(port)) {
      for (; !stop.get(); made++) {
        String put = "{\"op\":\"put\",\"key\":\"pair/%s\",\"value\":\"%d\"}";
        String body =
            "{\"then\":[" + put.formatted("a", made) + "," + put.formatted("b", made) + "]}";
        Response answer =
            http.ask("POST", "/txn", RawHttp.bytes(body), "Content-Type: application/json");
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(http.ask("GET", "/kv/pair/a").text()).isEqualTo(Integer.toString(made));
        assertThat(http.ask("GET", "/kv/pair/b").text()).isEqualTo(Integer.toString(made));
      }
    }
    return made;
  }

  /** Lists the existing keys page by page: each exactly once. */
  private int list() {
    int listed = 0;
    try (RawHttp http = new RawHttp(port)) {
      for (; !stop.get(); listed++) {
        List<String> keys = new ArrayList<>();
        String cursor = "";
        do {
          JsonNode page = json(http.ask("GET", "/keys?prefix=standing/&limit=100" + cursor));
          page.path("keys").forEach(key -> keys.add(key.path("key").asString()));
          cursor = page.has("cursor") ? "&cursor=" + page.path("cursor").asString() : "";
        } while (!cursor.isEmpty());
        assertThat(keys).hasSize(STANDING).doesNotHaveDuplicates();
      }
    }
    return listed;
  }

  private static void assertToldInOrder(EventReader watching, List<List<String>> written) {
    int all = written.stream().mapToInt(List::size).sum();
    List<List<String>> told = new ArrayList<>();
    written.forEach(writer -> told.add(new ArrayList<>()));
    for (int i = 0; i < all; i++) {
      Block event = watching.next();
      int writer = event.text("key").getBytes(StandardCharsets.US_ASCII)["moving/".length()] - '0';
      told.get(writer).add(event.text("etag"));
    }
    assertThat(told).isEqualTo(written);
  }

  @Test
  void invalidCountIsRefusedWithTheRange() {
    for (String body : List.of("{\"count\":0}", "{\"count\":1025}", "{\"count\":-3}")) {
      try (RawHttp http = new RawHttp(port)) {
        Response refused = post(http, body);
        assertThat(refused.status()).as(body).isEqualTo(400);
        assertThat(json(refused).path("detail").asString()).contains("must be 1 to 1024");
      }
    }
    for (String body :
        List.of("{\"count\":\"many\"}", "{}", "", "8", "[8]", "{\"count\":8", "{\"count\":null}")) {
      try (RawHttp http = new RawHttp(port)) {
        Response refused = post(http, body);
        assertThat(refused.status()).as(body).isEqualTo(400);
        assertThat(json(refused).path("type").asString()).isEqualTo("/problems/invalid-request");
      }
    }
    try (RawHttp http = new RawHttp(port)) {
      assertThat(json(http.ask("GET", "/actuator/ring")).path("members")).hasSize(5);
    }
  }

  @Test
  void metersFollowTheShards() {
    try (RawHttp http = new RawHttp(port)) {
      String serving = "nebula_shard_serving{shard=\"5\"} 1";
      assertThat(scrape(http)).doesNotContain(serving).contains("nebula_shards 5");
      double resizes = value(scrape(http), "nebula_resizes_total");
      double steps = value(scrape(http), "nebula_resize_steps_seconds_count");
      resize(http, 6);
      assertThat(scrape(http)).contains(serving).contains("nebula_shards 6");
      resize(http, 5);
      assertThat(scrape(http)).doesNotContain(serving).contains("nebula_shards 5");
      assertThat(value(scrape(http), "nebula_resizes_total")).isEqualTo(resizes + 2);
      assertThat(value(scrape(http), "nebula_resize_steps_seconds_count")).isEqualTo(steps + 6);
      assertThat(value(scrape(http), "nebula_resize_remaining_ratio")).isZero();
    }
  }

  private static String scrape(RawHttp http) {
    return http.ask("GET", "/actuator/prometheus").text();
  }

  private static double value(String scrape, String name) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  private static Response post(RawHttp http, String body) {
    return http.ask(
        "POST", "/actuator/shards", RawHttp.bytes(body), "Content-Type: application/json");
  }
}
