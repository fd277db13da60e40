package dev.nebulastore.ops.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.ops.Operator;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Health and metrics refer to the disk of the data directory. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"server.address=127.0.0.1", "nebula.storage.engine=rocksdb"})
@DirtiesContext
class DataDiskTests {

  @TempDir private static Path folder;

  @LocalServerPort private int port;

  @DynamicPropertySource
  static void keepDataThere(DynamicPropertyRegistry registry) {
    registry.add("nebula.storage.directory", () -> folder.resolve("there"));
  }

  @Test
  void healthRefersToTheDataDirectory() {
    JsonNode disk = new Operator(port).read("/actuator/health").at("/components/diskSpace");
    assertThat(disk.at("/details/path").asString()).isEqualTo(folder.resolve("there").toString());
    assertThat(disk.path("status").asString()).isEqualTo("UP");
  }

  @Test
  void metricsReferOnlyToTheDataDirectory() {
    assertThat(new Operator(port).get("/actuator/prometheus").body().lines())
        .filteredOn(line -> line.startsWith("disk_free_bytes"))
        .singleElement()
        .asString()
        .contains("path=\"" + folder.resolve("there") + "\"");
  }
}
