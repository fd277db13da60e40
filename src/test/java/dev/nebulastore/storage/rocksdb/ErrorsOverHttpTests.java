package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.ops.Operator.await;
import static dev.nebulastore.ops.Operator.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.ops.Operator;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDBException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * What clients and probes observe after an Error in the real engine: each request gets a response,
 * health reports the cause, liveness stays UP since no restart is needed, and no acknowledged write
 * is lost.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"server.address=127.0.0.1", "nebula.shards.mailbox-capacity=16"})
@Import(ErrorsOverHttpTests.Faults.class)
@DirtiesContext
class ErrorsOverHttpTests {

  @TempDir private static Path folder;

  @DynamicPropertySource
  static void directories(DynamicPropertyRegistry properties) {
    properties.add("nebula.storage.directory", () -> folder.resolve("other"));
    properties.add("nebula.storage.backup-directory", () -> folder.resolve("backups"));
  }

  @TestConfiguration(proxyBeanMethods = false)
  static class Faults {

    @Bean(destroyMethod = "")
    DataDirectory directory() {
      return DataDirectory.open(folder.resolve("data"));
    }

    @Bean(destroyMethod = "")
    FaultyDatabase database(DataDirectory directory) throws RocksDBException {
      return new FaultyDatabase(directory.database());
    }

    /** The engine closes the other two. */
    @Bean
    @Primary
    RocksDbEngine faultyEngine(DataDirectory directory, FaultyDatabase database)
        throws RocksDBException, IOException {
      return new RocksDbEngine(directory, database, RocksDbEngines.properties(Sync.ALWAYS, false));
    }
  }

  @LocalServerPort private int port;
  @Autowired private FaultyDatabase database;
  private Operator client = new Operator(0);

  @BeforeEach
  void speakTo() {
    client = new Operator(port);
  }

  private int put(String key, String value) {
    return client.send("PUT", "/kv/" + key, value).statusCode();
  }

  private String applied(HttpResponse<String> response) {
    return body(response, 503).path("applied").asString();
  }

  private void assertProbes(int health) {
    assertThat(client.get("/actuator/health").statusCode()).isEqualTo(health);
    assertThat(client.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    assertThat(client.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }

  /** Through Tomcat, since common requests take the fast path. */
  private HttpResponse<String> batch(String line) {
    return client.post("/batch", "application/x-ndjson", line + "\n");
  }

  private void assertServes(String key) {
    await().untilAsserted(() -> assertProbes(200));
    await().until(() -> put(key, "new") == 204);
    assertThat(client.get("/kv/" + key).body()).isEqualTo("new");
    assertThat(client.get("/kv/kept").body()).as("acknowledged").isEqualTo("yes");
  }

  @ParameterizedTest
  @EnumSource
  void commitThatThrows(Thrown what) {
    String key = "commit-" + what;
    assertThat(put(key, "old")).isEqualTo(201);
    assertThat(put("kept", "yes")).isIn(201, 204);
    database.failReopening(true);
    database.throwBeforeWriting(what);
    assertThat(applied(client.send("PUT", "/kv/" + key, "lost"))).isEqualTo("unknown");
    assertProbes(503);
    assertThat(applied(client.send("PUT", "/kv/" + key, "refused"))).isEqualTo("no");
    assertThat(batch("{\"op\":\"put\",\"key\":\"" + key + "\",\"value\":\"x\"}").body())
        .contains("\"status\":503");
    assertThat(client.get("/kv/" + key).body()).isEqualTo("old");
    database.failReopening(false);
    assertServes(key);
  }

  /** More often than a mailbox has slots, and on both paths. */
  @ParameterizedTest
  @EnumSource
  void readThatThrows(Thrown what) {
    String key = "read-" + what;
    assertThat(put(key, "old")).isEqualTo(201);
    assertThat(put("kept", "yes")).isIn(201, 204);
    database.throwAtReading(what);
    for (int i = 0; i < 20; i++) {
      assertThat(client.get("/kv/" + key).statusCode()).isEqualTo(503);
      assertThat(batch("{\"op\":\"get\",\"key\":\"" + key + "\"}").body())
          .contains("\"status\":503");
      assertThat(client.send("HEAD", "/kv/" + key).statusCode()).isEqualTo(503);
      assertThat(client.get("/keys").statusCode()).isEqualTo(503);
    }
    assertThat(client.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    database.throwAtReading(null);
    assertServes(key);
  }
}
