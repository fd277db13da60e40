package dev.nebulastore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConsoleTests {

  @Test
  void takesCommandsOfSeveralLinesAndWhatTheyPrint() {
    String page =
        """
        # A page

        ```console
        $ echo a
        a
        $ for i in 1 2; do
        >   echo $i
        > done
        1
        2
        ```

        ```sh
        $ not this
        ```

        ```console
        $ true
        ```
        """;
    assertThat(Console.steps(page))
        .containsExactly(
            new Console.Step("echo a", "a"),
            new Console.Step("for i in 1 2; do\n  echo $i\ndone", "1\n2"),
            new Console.Step("true", ""));
  }

  @Test
  void hidesOnlyWhatVaries() {
    assertThat(Console.masked("ETag: \"eawff67dzf29\" \r\nDate: Sun, 22 Nov 2026 11:47:18 GMT\r\n"))
        .isEqualTo("ETag: \"<etag>\"\nDate: <date>");
    assertThat(
            Console.masked("{\"bytes\":42,\"created\":\"2026-11-22T13:20:30.123Z\",\"size\":42}"))
        .isEqualTo("{\"bytes\":<bytes>,\"created\":\"<instant>\",\"size\":42}");
    assertThat(Console.masked("{\"etag\":\"\\\"12\\\"\",\"detail\":\"at version \\\"12\\\"\"}"))
        .isEqualTo("{\"etag\":\"\\\"<etag>\\\"\",\"detail\":\"at version \\\"<etag>\\\"\"}");
    assertThat(Console.masked("elsewhere 12 everywhere")).isEqualTo("elsewhere 12 everywhere");
  }

  @Test
  void thePagesAreFound() throws IOException {
    assertThat(Console.pages()).contains(Path.of("README.md"), Path.of("docs/tour.md"));
  }
}
