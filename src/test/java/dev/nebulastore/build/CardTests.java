package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks that the classes in the README's table of the code exist. */
class CardTests {

  private static final Path SOURCES = Path.of("src", "main", "java", "dev", "nebulastore");
  private static final Pattern CLASS = Pattern.compile("`([a-z]+(?:\\.[a-z]+)*\\.[A-Z]\\w+)`");

  @Test
  void classesOfTheReadmeExist() throws IOException {
    var names =
        CLASS
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(names).hasSizeGreaterThan(10);
    assertThat(names)
        .allSatisfy(name -> assertThat(SOURCES.resolve(name.replace('.', '/') + ".java")).exists());
  }
}
