package dev.nebulastore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the first argument means. */
class NebulaStoreApplicationTests {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int command(String... args) {
    return NebulaStoreApplication.command(
        List.of(args), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void tokenIsACommand() {
    assertThat(NebulaStoreApplication.isCommand(List.of("token", "new"))).isTrue();
    assertThat(command("token", "new", "--role=read", "--id=ci")).isZero();
    assertThat(out.toString(UTF_8).lines()).hasSize(2).first().asString().startsWith("nst_ci_");
    assertThat(command("token", "new")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokn", "tokens", "TOKEN", "server.port=9090"})
  void otherWordsAreRefused(String word) {
    assertThat(NebulaStoreApplication.isCommand(List.of(word))).isTrue();
    assertThat(command(word)).isEqualTo(2);
    assertThat(err.toString(UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("There is no command \"" + word + "\"; the commands are: token.");
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--server.port=9090", "-x", "", " "})
  void settingsStartTheServer(String argument) {
    assertThat(NebulaStoreApplication.isCommand(List.of(argument, "token"))).isFalse();
    assertThat(NebulaStoreApplication.isCommand(List.of())).isFalse();
  }
}
