package dev.nebulastore.ops.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KnownSettingsTests {

  private static final Path METADATA =
      Path.of("target", "classes", "META-INF", "spring-configuration-metadata.json");

  private final KnownSettings known = KnownSettings.gathered(KnownSettings.class.getClassLoader());

  static Stream<JsonNode> settings() {
    return new JsonMapper()
        .readTree(METADATA)
        .path("properties")
        .valueStream()
        .filter(property -> property.path("name").asString().startsWith("nebula."));
  }

  @Test
  void settingsOfAllRoomsAreKnown() {
    assertThat(known.keys())
        .containsExactlyElementsOf(settings().map(s -> s.path("name").asString()).sorted().toList())
        .contains(
            "nebula.shards.count",
            "nebula.shards.virtual-points",
            "nebula.limits.value-size",
            "nebula.require-preconditions",
            "nebula.storage.memory.max-size",
            "nebula.supervision.max-restarts");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everySettingIsDescribedAndHasADefault(JsonNode setting) {
    assertThat(setting.path("description").asString("")).isNotBlank();
    assertThat(setting.has("defaultValue"))
        .as("either a default value or a description of the default")
        .isNotEqualTo(setting.path("description").asString("").contains("by default"));
  }

  @ParameterizedTest
  @CsvSource({
    "nebula.shard.count, nebula.shards.count",
    "nebula.shards.cuont, nebula.shards.count",
    "nebula.shardscount, nebula.shards.count",
    "nebula.count, nebula.shards.count",
    "nebula.supervision.max-restart, nebula.supervision.max-restarts",
    "nebula.max-restarts, nebula.supervision.max-restarts",
    "nebula.limits.max-size, nebula.storage.memory.max-size",
    "nebula.expire.interval, nebula.expiry.interval"
  })
  void nearestSettingIsFound(String given, String meant) {
    assertThat(known.nearest(ConfigurationPropertyName.of(given))).hasValue(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nebula.foo", "nebula.security.tokens", "nebula.replication.peers"})
  void unlikeNamesHaveNoNearestSetting(String given) {
    assertThat(known.nearest(ConfigurationPropertyName.of(given))).isEmpty();
  }
}
