package dev.nebulastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;

/**
 * Runs every command of the pages against a fresh server, and compares what it prints with what the
 * page shows. Only what differs from run to run by nature may differ.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"server.address=127.0.0.1", "management.endpoint.shards.access=unrestricted"})
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_EACH_TEST_METHOD)
class DocsTests {

  private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
  private static final String ADDRESS = "localhost:8080";

  private record Step(String command, String expected) {}

  @LocalServerPort private int port;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/tour.md"})
  void everyCommandPrintsWhatThePageShows(String page) throws IOException {
    assumeTrue(
        Shell.has("curl") && Shell.has("bash"), "skipped: needs curl and bash to run the commands");
    List<Step> steps = steps(Files.readString(Path.of(page)));
    assertThat(steps).isNotEmpty();
    try (Shell shell = new Shell(folder)) {
      for (Step step : steps) {
        String printed = shell.run(step.command().replace(ADDRESS, "127.0.0.1:" + port));
        assertThat(masked(printed))
            .as("%s: %s", page, step.command())
            .isEqualTo(masked(step.expected()));
      }
    }
  }

  private static List<Step> steps(String page) {
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      for (String part : block.group(1).split("(?m)^\\$ ", -1)) {
        if (!part.isBlank()) {
          int end = part.indexOf('\n');
          steps.add(new Step(part.substring(0, end), part.substring(end + 1)));
        }
      }
    }
    return steps;
  }

  /** Hides entity tags, dates and durations, and the blanks at the ends of lines. */
  private static String masked(String text) {
    return text.replaceAll("\\be[0-9a-z]{11}\\b", "<etag>")
        .replaceAll("\\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT", "<date>")
        .replaceAll("\\d{4}-\\d{2}-\\d{2}T[0-9:.]+Z", "<instant>")
        .replaceAll("(TimeToHealMillis\":)[0-9.]+", "$1<duration>")
        .replaceAll("[ \r]+(?=\n|$)", "")
        .strip();
  }
}
