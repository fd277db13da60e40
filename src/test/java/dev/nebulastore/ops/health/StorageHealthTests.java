package dev.nebulastore.ops.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.ops.Operator;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.memory.MemoryEngines;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import tools.jackson.databind.JsonNode;

/** Health and metrics of a store that is full, damaged or read-only. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "server.address=127.0.0.1")
@Import(StorageHealthTests.Ailment.class)
class StorageHealthTests {

  @TestConfiguration(proxyBeanMethods = false)
  static class Ailment {
    @Bean
    @Primary
    AilingEngine ailingEngine() {
      return new AilingEngine(MemoryEngines.create(1_000_000));
    }
  }

  @LocalServerPort private int port;
  @Autowired private AilingEngine engine;
  private Operator operator = new Operator(0);

  @BeforeEach
  void connect() {
    operator = new Operator(port);
  }

  @Test
  void writableStoreIsUp() {
    engine.is(State.WRITABLE, "");
    JsonNode health = operator.read("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("UP");
    JsonNode storage = health.at("/components/storage");
    assertThat(storage.path("status").asString()).isEqualTo("UP");
    assertThat(storage.at("/details/engine").asString()).isEqualTo("ailing");
    assertThat(storage.at("/details/state").asString()).isEqualTo("writable");
    assertThat(storage.path("details").has("cause")).isFalse();
    assertThat(scrape()).contains("nebula_storage_writable{engine=\"ailing\"} 1.0");
  }

  @Test
  void fullStoreIsDegradedWithACause() {
    engine.is(State.FULL, "12 MB are free");
    JsonNode health = operator.read("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("DEGRADED");
    assertThat(health.at("/components/storage/details/state").asString()).isEqualTo("full");
    assertThat(health.at("/components/storage/details/cause").asString())
        .isEqualTo("12 MB are free");
    assertThat(scrape()).contains("nebula_storage_writable{engine=\"ailing\"} 0.0");
  }

  @Test
  void damagedStoreIsDegradedAndAcceptsWrites() {
    engine.is(State.DAMAGED, "block checksum mismatch in 8.sst");
    JsonNode health = operator.read("/actuator/health");
    assertThat(health.path("status").asString()).isEqualTo("DEGRADED");
    assertThat(health.at("/components/storage/details/state").asString()).isEqualTo("damaged");
    assertThat(health.at("/components/storage/details/cause").asString()).contains("8.sst");
    assertThat(scrape()).contains("nebula_storage_writable{engine=\"ailing\"} 1.0");
  }

  @Test
  void readOnlyStoreIsDownButReadyAndLive() {
    engine.is(State.READABLE, "fsync: Input/output error");
    JsonNode health = Operator.body(operator.get("/actuator/health"), 503);
    assertThat(health.path("status").asString()).isEqualTo("DOWN");
    assertThat(health.at("/components/storage/details/state").asString()).isEqualTo("readable");
    assertThat(health.at("/components/storage/details/cause").asString())
        .isEqualTo("fsync: Input/output error");
    assertThat(operator.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
    assertThat(operator.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(scrape()).contains("nebula_storage_writable{engine=\"ailing\"} 0.0");
  }

  @Test
  void damageIsCounted() {
    engine.hasMetDamage(3);
    assertThat(scrape()).contains("nebula_storage_corruptions_total{engine=\"ailing\"} 3.0");
    engine.hasMetDamage(4);
    assertThat(scrape()).contains("nebula_storage_corruptions_total{engine=\"ailing\"} 4.0");
  }

  @Test
  void missingLimitIsNotShown() {
    assertThat(scrape())
        .contains("nebula_storage_used_bytes{engine=\"ailing\"}")
        .doesNotContain("nebula_storage_max");
  }

  private String scrape() {
    return operator.get("/actuator/prometheus").body();
  }
}
