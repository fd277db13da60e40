package dev.nebulastore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the arguments mean. */
class NebulaStoreApplicationTests {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private OptionalInt command(String... args) {
    return NebulaStoreApplication.command(
        List.of(args), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void tokenIsACommand() {
    assertThat(command("token", "new", "--role=read", "--id=ci")).hasValue(0);
    assertThat(out.toString(UTF_8).lines()).hasSize(2).first().asString().startsWith("nst_ci_");
    assertThat(command("token", "new")).hasValue(2);
    out.reset();
    assertThat(command("token", "new", "--help")).hasValue(0);
    assertThat(out.toString(UTF_8)).contains("--expires");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokn", "tokens", "TOKEN", "help", "server.port=9090", "-x", "-h", "-"})
  void otherWordsAreRefusedAnywhere(String word) {
    for (String[] args :
        new String[][] {{word}, {"", word}, {"--server.port", word}, {word, "--debug", "token"}}) {
      err.reset();
      assertThat(command(args)).hasValue(2);
      assertThat(err.toString(UTF_8).lines())
          .singleElement()
          .asString()
          .startsWith("There is no command \"" + word + "\"; the commands are: token.");
    }
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Dnebula.shards.count=3", "-Xmx1g", "-XX:+UseSerialGC"})
  void optionsOfJavaAreSentToTheirPlace(String option) {
    assertThat(command("--server.port=0", option)).hasValue(2);
    assertThat(err.toString(UTF_8))
        .isEqualToIgnoringNewLines(
            "\"" + option + "\" is an option of Java, which has to be in front of -jar.");
  }

  @Test
  void settingsStartTheServer() {
    assertThat(command()).isEmpty();
    assertThat(command("")).isEmpty();
    assertThat(command("--server.port=9090", " ", "--debug", "--spring.profiles.active="))
        .isEmpty();
    assertThat(command("--help=no", "--nebula.version")).isEmpty();
  }

  @Test
  void helpIsPrintedWhateverElseIsGiven() {
    assertThat(command("--server.port=9090", "--help", "nonsense")).hasValue(0);
    assertThat(out.toString(UTF_8)).contains("--nebula.storage.directory=./data", "token new");
    assertThat(out.toString(UTF_8).lines()).allMatch(line -> line.length() <= 90);
    assertThat(err.size()).isZero();
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(command("--version")).hasValue(0);
    assertThat(out.toString(UTF_8))
        .matches("NebulaStore \\d+\\.\\d+\\.\\d+( \\([0-9a-f]{7,40}\\))?, Java 25\\S*\\R");
    assertThat(err.size()).isZero();
  }

  @Test
  void closedOutputIsAnError() {
    PrintStream closed = new PrintStream(OutputStream.nullOutputStream(), true, UTF_8);
    closed.close();
    assertThat(
            NebulaStoreApplication.command(
                List.of("--version"), closed, new PrintStream(err, true, UTF_8)))
        .hasValue(1);
  }
}
