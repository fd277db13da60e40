package dev.nebulastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;

/**
 * Runs every command of the README and of the pages in docs, each page against a fresh server with
 * the durable engine and default settings, and compares the output with the page. Only values that
 * always differ from run to run may differ.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "nebula.storage.engine=rocksdb",
      "nebula.storage.backup-directory=${nebula.storage.directory}-backups",
      "management.endpoint.shards.access=unrestricted",
      "management.endpoint.backups.access=unrestricted"
    })
@DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_EACH_TEST_METHOD)
class DocsTests {

  private static final String ADDRESS = "localhost:8080";

  @LocalServerPort private int port;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.nebulastore.Console#pages")
  void everyCommandPrintsWhatThePageShows(Path page) throws IOException {
    assumeTrue(
        Shell.has("curl") && Shell.has("bash"), "skipped: needs curl and bash to run the commands");
    try (Shell shell = new Shell(folder)) {
      for (Console.Step step : Console.steps(Files.readString(page))) {
        String printed = shell.run(step.command().replace(ADDRESS, "127.0.0.1:" + port));
        assertThat(Console.masked(printed))
            .as("%s: %s", page, step.command())
            .isEqualTo(Console.masked(step.printed()));
      }
    }
  }
}
