package dev.nebulastore.ops.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.ops.Operator;
import dev.nebulastore.shard.ShardRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** A server with two shards that are quarantined at their first death. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "nebula.shards.count=2",
      "nebula.supervision.max-restarts=0",
      "nebula.supervision.interval=20ms",
      "nebula.supervision.retry-delay=2s",
      "nebula.supervision.max-retry-delay=3s"
    })
class QuarantineHealthTests {

  @LocalServerPort private int port;
  @Autowired private ShardRegistry registry;
  private Operator operator = new Operator(0);

  @BeforeEach
  void connect() {
    operator = new Operator(port);
  }

  /** A single test, since each step builds on the previous one, and a retry delay takes time. */
  @Test
  void healthIsDegradedByOneQuarantineAndDownByAll() {
    kill(0);
    Operator.await().until(() -> state(0).equals("set-aside"));
    JsonNode health = operator.read("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("DEGRADED");
    assertThat(health.at("/components/shards/details/0/state").asString()).isEqualTo("set-aside");
    assertThat(health.at("/components/shards/details/1/state").asString()).isEqualTo("serving");
    assertThat(operator.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
    assertThat(operator.get("/actuator/health/liveness").statusCode()).isEqualTo(200);

    // The first may serve again by now: then it is killed again.
    Operator.await()
        .until(() -> {
          kill(0);
          kill(1);
          return operator.get("/actuator/health").statusCode() == 503;
        });
    Operator.await().until(() -> operator.get("/actuator/health/liveness").statusCode() == 503);
    assertThat(operator.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
    assertThat(operator.get("/actuator/prometheus").body())
        .contains("nebula_shard_serving{shard=\"0\"} 0");

    Operator.await().until(() -> operator.get("/actuator/health/liveness").statusCode() == 200);
    Operator.await().until(() -> operator.get("/actuator/health/readiness").statusCode() == 200);
    Operator.await().until(() -> state(0).equals("serving") && state(1).equals("serving"));
    assertThat(operator.read("/actuator/health").path("status").asString()).isEqualTo("UP");
    assertThat(operator.read("/actuator/shards/0").path("setAside").asLong()).isPositive();
  }

  @Test
  void killingNeedsUnrestrictedAccess() {
    var refusal = operator.send("DELETE", "/actuator/shards/1");
    assertThat(Operator.problem(refusal, 405)).isEqualTo("method-not-allowed");
    assertThat(refusal.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
  }

  private String state(int shard) {
    return operator.read("/actuator/shards/" + shard).path("state").asString();
  }

  /** Kills the shard if it serves. */
  private void kill(int shard) {
    try {
      var _ = registry.kill(shard);
    } catch (ShardFailure e) {
      assertThat(e.code()).isEqualTo("shard-set-aside");
      assertThat(e.retryAfter()).isPresent();
    }
  }
}
