package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

/** Where a server listens whose address is not set. */
class LoopbackByDefaultTests {

  private final MockEnvironment environment = new MockEnvironment();

  private @Nullable String processed(String property) {
    new LoopbackByDefault().postProcessEnvironment(environment, new SpringApplication());
    return environment.getProperty(property);
  }

  @ParameterizedTest
  @CsvSource({
    "mode, protected",
    "mode, PROTECTED",
    "mode, ''",
    "tokens-file, ''",
    "hosts, a",
    "oidc.issuer, ''"
  })
  void protectedServerListensOnTheLoopback(String setting, String value) {
    environment.setProperty("nebula.security." + setting, value);
    assertThat(processed("server.address")).isEqualTo("127.0.0.1");
  }

  @Test
  void addressThatIsSetStays() {
    environment.setProperty("server.address", "0.0.0.0");
    assertThat(processed("server.address")).isEqualTo("0.0.0.0");
  }

  /** The last two are refused later. */
  @ParameterizedTest
  @CsvSource({"mode, open", "tokens-file, /tokens", "mode, nonsense", "mode, tokens"})
  void otherServersListenEverywhere(String setting, String value) {
    environment.setProperty("nebula.security." + setting, value);
    assertThat(processed("server.address")).isNull();
  }

  @Test
  void serverWithAnIssuerListensEverywhere() {
    environment.setProperty("nebula.security.oidc.issuer", "https://login.example.com");
    environment.setProperty("nebula.security.oidc.audience", "nebula");
    assertThat(processed("server.address")).isNull();
  }

  @Test
  void managementPortOfItsOwnListensThereToo() {
    environment.setProperty("management.server.port", "9090");
    assertThat(processed("management.server.address")).isEqualTo("127.0.0.1");
  }

  /** Spring Boot refuses an address for a port that is the server's. */
  @ParameterizedTest
  @ValueSource(strings = {"", "8080"})
  void sharedPortHasNoAddressOfItsOwn(String port) {
    if (!port.isEmpty()) {
      environment.setProperty("management.server.port", port);
    }
    assertThat(processed("management.server.address")).isNull();
  }
}
