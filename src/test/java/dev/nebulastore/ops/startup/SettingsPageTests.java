package dev.nebulastore.ops.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Compares {@code docs/settings.md} with the metadata that the build generates from the properties
 * records. {@code -Dsettings=apply} regenerates the page.
 */
class SettingsPageTests {

  private static final Path PAGE = Path.of("docs", "settings.md");
  private static final String BEGIN = "-Dsettings=apply -->\n";
  private static final String END = "<!-- end of what is generated -->\n";

  @Test
  void pageEqualsTheDescriptionsInTheCode() throws IOException {
    String page = Files.readString(PAGE);
    String generated =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + tables()
            + page.substring(page.indexOf(END));
    if ("apply".equals(System.getProperty("settings"))) {
      Files.writeString(PAGE, generated);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(generated);
  }

  /** A table for each prefix, in alphabetical order. */
  private static String tables() {
    Map<String, List<JsonNode>> settings =
        KnownSettingsTests.settings()
            .collect(
                Collectors.groupingBy(
                    SettingsPageTests::prefix, TreeMap::new, Collectors.toList()));
    StringBuilder text = new StringBuilder();
    settings.forEach((prefix, ofPrefix) -> {
      text.append("\n## ").append(prefix).append("\n\n| key | default | what |\n|---|---|---|\n");
      ofPrefix.forEach(setting -> text.append(row(setting)));
    });
    return text.append('\n').toString();
  }

  private static String prefix(JsonNode setting) {
    String name = setting.path("name").asString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  private static String row(JsonNode setting) {
    String what = setting.path("description").asString();
    return "| `%s` | %s | %s%s. |\n"
        .formatted(
            setting.path("name").asString(),
            setting.has("defaultValue")
                ? "`" + setting.path("defaultValue").asString() + "`"
                : "see the description",
            Character.toUpperCase(what.charAt(0)),
            what.substring(1).replace("|", "\\|"));
  }
}
