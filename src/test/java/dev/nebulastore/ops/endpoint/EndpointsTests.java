package dev.nebulastore.ops.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nebulastore.ops.Operator;
import dev.nebulastore.ring.HashRing;
import java.net.URLDecoder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The endpoints of a server with access to kill shards. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "nebula.supervision.max-restarts=1000",
      "management.endpoint.shards.access=unrestricted"
    })
class EndpointsTests {

  private static final int SHARDS = 5;

  @LocalServerPort private int port;
  private Operator operator = new Operator(0);

  @BeforeEach
  void connect() {
    operator = new Operator(port);
  }

  @Test
  void allShardsServe() {
    JsonNode shards = operator.read("/actuator/shards").path("shards");
    assertThat(shards).hasSize(SHARDS);
    for (int i = 0; i < SHARDS; i++) {
      assertThat(shards.get(i).path("shard").asInt()).isEqualTo(i);
      assertThat(shards.get(i).path("state").asString()).isEqualTo("serving");
      assertThat(shards.get(i).path("mailboxCapacity").asInt()).isEqualTo(4096);
    }
    assertThat(operator.read("/actuator/shards/3").path("shard").asInt()).isEqualTo(3);
  }

  @Test
  void killedShardRecoversWithItsEntries() {
    int shard = shardOf("heals");
    assertThat(operator.send("PUT", "/kv/heals", "value").statusCode()).isIn(201, 204);
    JsonNode before = operator.read("/actuator/shards/" + shard);
    JsonNode kill = Operator.body(operator.send("DELETE", "/actuator/shards/" + shard), 202);
    assertThat(kill.path("shard").asInt()).isEqualTo(shard);
    long killed = kill.path("killedGeneration").asLong();
    assertThat(killed).isEqualTo(before.path("generation").asLong());
    Operator.await()
        .until(() ->
            operator.read("/actuator/shards/" + shard).path("lastTimeToHealMillis").isNumber());

    JsonNode after = operator.read("/actuator/shards/" + shard);
    assertThat(after.path("state").asString()).isEqualTo("serving");
    assertThat(after.path("generation").asLong()).isEqualTo(killed + 1);
    assertThat(after.path("restarts").asLong())
        .isEqualTo(before.path("restarts").asLong() + 1)
        .isEqualTo(after.path("restartsByReason").path("killed").asLong());
    assertThat(after.path("lastCause").asString()).isEqualTo("killed on request");
    assertThat(operator.get("/kv/heals").body()).isEqualTo("value");
  }

  @ParameterizedTest
  @CsvSource({"GET,99", "DELETE,99", "GET,-1", "DELETE,-1"})
  void missingShardIsAProblem(String method, String shard) {
    assertThat(Operator.problem(operator.send(method, "/actuator/shards/" + shard), 404))
        .isEqualTo("no-such-shard");
  }

  @Test
  void invalidShardNumberIsAProblem() {
    assertThat(Operator.problem(operator.get("/actuator/shards/two"), 400))
        .isEqualTo("invalid-request");
  }

  @Test
  void contentThatIsNoNumberOfShardsIsAProblem() {
    var text = operator.post("/actuator/shards", "text/plain", "3");
    assertThat(Operator.problem(text, 415)).isEqualTo("unsupported-media-type");
    assertThat(text.headers().firstValue("Accept").orElse("")).contains("application/json");
    for (String body : List.of("{}", "{\"count\":3}{}", "{\"count\":", "{\"count\":\"x\"}")) {
      var refused = operator.post("/actuator/shards", "application/json", body);
      assertThat(Operator.problem(refused, 400)).as(body).isEqualTo("invalid-request");
      assertThat(refused.body()).doesNotContain("Exception", "java.", "_", "`");
    }
  }

  @Test
  void ringShowsMembersAndShares() {
    JsonNode ring = operator.read("/actuator/ring");
    assertThat(ring.path("virtualPoints").asInt()).isEqualTo(512);
    List<JsonNode> members = ring.path("members").valueStream().toList();
    assertThat(members)
        .extracting(member -> member.path("shard").asInt())
        .isEqualTo(IntStream.range(0, SHARDS).boxed().toList());
    List<Double> shares = members.stream().map(m -> m.path("share").asDouble()).toList();
    assertThat(shares.stream().mapToDouble(s -> s).sum()).isCloseTo(1, within(1e-9));
    assertThat(ring.path("imbalance").asDouble())
        .isCloseTo(shares.stream().mapToDouble(s -> s).max().orElseThrow() * SHARDS, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a%2Fb", "%C3%A9", "100%25", "a%20b"})
  void ringShowsTheShardOfAKey(String key) {
    byte[] utf8 = URLDecoder.decode(key, UTF_8).getBytes(UTF_8);
    assertThat(shardOf(key)).isEqualTo(HashRing.ofShards(SHARDS, 512).ownerOf(utf8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%00", "..", "a/../b"})
  void invalidKeyIsAProblemOfTheRing(String key) {
    assertThat(Operator.problem(operator.get("/actuator/ring?key=" + key), 400))
        .isEqualTo("invalid-key");
  }

  @Test
  void ringAndShardsShowThatNothingWasResized() {
    for (String path : List.of("/actuator/ring", "/actuator/shards")) {
      JsonNode resize = operator.read(path).path("resize");
      assertThat(resize.path("state").asString()).as(path).isEqualTo("idle");
      assertThat(resize.path("from").asInt()).isEqualTo(SHARDS);
      assertThat(resize.path("to").asInt()).isEqualTo(SHARDS);
      assertThat(resize.path("share").asDouble()).isZero();
    }
  }

  @Test
  void infoShowsBuildAndCommit() {
    JsonNode info = operator.read("/actuator/info");
    assertThat(info.path("build").path("version").asString()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(info.path("git").path("commit").path("id").asString()).matches("[0-9a-f]{7,40}");
    assertThat(info.path("java").path("version").asString()).startsWith("25");
  }

  @Test
  void healthShowsEachShard() {
    JsonNode health = operator.read("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("UP");
    JsonNode shards = health.path("components").path("shards");
    assertThat(shards.path("status").asString()).isEqualTo("UP");
    assertThat(shards.path("details")).hasSize(SHARDS);
    for (String fact : List.of("state", "generation", "restarts", "mailbox")) {
      assertThat(shards.path("details").path("4").has(fact)).as(fact).isTrue();
    }
  }

  @Test
  void probesTellOnlyTheStatus() {
    for (String probe : new String[] {"readiness", "liveness"}) {
      assertThat(operator.read("/actuator/health/" + probe).propertyNames())
          .containsExactly("status");
    }
  }

  private int shardOf(String key) {
    return operator.read("/actuator/ring?key=" + key).path("shard").asInt();
  }
}
