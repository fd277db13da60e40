package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Where a server has no TLS that needs it. */
@ExtendWith(OutputCaptureExtension.class)
class ClearListenersTests {

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties({SecurityProperties.class, ServerProperties.class})
  @Import({ClearListeners.class, ModeLogger.class})
  static class Sample {}

  private static ApplicationContextRunner with(String settings) {
    return new ApplicationContextRunner()
        .withUserConfiguration(Sample.class)
        .withPropertyValues(
            Arrays.stream(settings.split(" ", -1))
                .filter(each -> !each.isEmpty())
                .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server.address=127.0.0.1",
        "server.address=::1",
        "server.ssl.bundle=a",
        "server.ssl.certificate=a.crt",
        "server.ssl.key-store=a.p12 server.address=0.0.0.0",
        "server.ssl.bundle=a management.server.port=8081",
        "server.ssl.bundle=a management.server.port=8081 management.server.address=127.0.0.1"
            + " management.server.ssl.enabled=false",
        "server.address=127.0.0.1 management.server.port=8080",
        "server.address=127.0.0.1 management.server.port=-1",
        "server.address=127.0.0.1 management.server.port=8081 management.server.ssl.bundle=a"
      })
  void thereIsNoneIfOthersNeedTls(String settings) {
    with(settings + " nebula.security.require-tls=true")
        .run(context -> assertThat(context.getBean(ClearListeners.class).prefixes()).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " | server",
        "server.address=0.0.0.0 | server",
        "server.address=10.1.2.3 | server",
        "server.ssl.bundle=a server.ssl.enabled=false | server",
        "management.server.port=8081 | server,management.server",
        "server.address=127.0.0.1 management.server.port=8081 | management.server",
        "server.ssl.bundle=a management.server.port=0 management.server.ssl.enabled=false"
            + " | management.server",
      })
  void startIsRefusedIfTlsIsRequired(@Nullable String given, String prefixes) {
    String settings = given == null ? "" : given;
    with(settings)
        .run(context ->
            assertThat(context.getBean(ClearListeners.class).prefixes())
                .containsExactly(prefixes.split(",", -1)));
    String first = prefixes.split(",", -1)[0];
    with(settings + " nebula.security.require-tls=true")
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessageContaining("nebula.security.require-tls")
                .hasMessageContaining("set " + first + ".ssl.bundle, or " + first + ".address to"));
  }

  @Test
  void tokensInTheClearAreWarnedOfOffTheLoopback(CapturedOutput output) {
    for (String quiet :
        new String[] {
          "nebula.security.mode=open",
          "nebula.security.tokens-file=t server.address=127.0.0.1",
          "nebula.security.tokens-file=t server.ssl.bundle=a"
        }) {
      with(quiet).run(context -> context.getBean(ModeLogger.class).onReady());
      assertThat(output.getAll()).as(quiet).doesNotContain("in the clear");
    }
    with("nebula.security.tokens-file=t management.server.port=1")
        .run(context -> context.getBean(ModeLogger.class).onReady());
    assertThat(output.getAll())
        .contains(
            "Tokens are sent in the clear, since there is no TLS (server.ssl.bundle)",
            "Tokens are sent in the clear, since there is no TLS (management.server.ssl.bundle)");
  }
}
