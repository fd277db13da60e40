package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the pictures of the rooms in docs/ARCHITECTURE.md with the class files. {@code
 * -Drooms=apply} updates them.
 */
class RoomPicturesTests {

  private static final Path PAGE = Path.of("docs", "ARCHITECTURE.md");
  private static final Pattern SECTION = Pattern.compile("(?s)\n## The rooms\n.*?(?=\n## )");
  private static final Pattern PICTURE = Pattern.compile("(?s)```mermaid\n.*?```");

  @TempDir private Path folder;

  @Test
  void picturesShowWhatTheClassFilesSay() throws IOException {
    List<String> pictures = RoomPictures.of(ArchitectureTests.HOUSE);
    String page = Files.readString(PAGE);
    Matcher section = SECTION.matcher(page);
    assertThat(section.find()).isTrue();
    if ("apply".equals(System.getProperty("rooms"))) {
      Files.writeString(PAGE, page.replace(section.group(), drawn(section.group(), pictures)));
      return;
    }
    assertThat(PICTURE.matcher(section.group()).results().map(MatchResult::group))
        .as("to update them: ./mvnw test -Dtest=RoomPicturesTests -Drooms=apply")
        .containsExactlyElementsOf(pictures);
  }

  private static String drawn(String section, List<String> pictures) {
    int[] next = {0};
    return PICTURE
        .matcher(section)
        .replaceAll(_ -> Matcher.quoteReplacement(pictures.get(next[0]++)));
  }

  @Test
  void roomsBelowOneAreDrawnByThemselves() {
    var house =
        Sketch.compile(
            folder,
            Map.of(
                "dev.nebulastore.kv.Key", "public class Key {}",
                "dev.nebulastore.api.Door", "class Door { dev.nebulastore.kv.Key[] keys; }",
                "dev.nebulastore.api.error.Fault", "public class Fault {}",
                "dev.nebulastore.api.keys.List",
                    "class List extends dev.nebulastore.api.error.Fault {}"));
    assertThat(RoomPictures.of(house))
        .containsExactly(
            "```mermaid\nflowchart TD\n  api --> kv\n```",
            "```mermaid\nflowchart TD\n  api.keys --> api.error\n```");
  }
}
