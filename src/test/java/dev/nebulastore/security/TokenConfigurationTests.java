package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.StoreClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.config.ScheduledTaskHolder;

/** Which beans of tokens there are. */
class TokenConfigurationTests {

  @Configuration(proxyBeanMethods = false)
  @EnableScheduling
  static class Scheduling {}

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withBean(StoreClock.class, () -> Clocks.over(() -> Instant.EPOCH, () -> 0))
          .withUserConfiguration(SecurityConfiguration.class);

  @TempDir private Path folder;

  private String written(String permissions) throws IOException {
    Path path = folder.resolve("tokens");
    Files.writeString(path, SampleTokens.line(SampleTokens.text("ci", 1), "roles=read"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    return "nebula.security.tokens-file=" + path;
  }

  @Test
  void thereAreNoTokensWithoutAFile() {
    runner.run(context -> assertThat(context).doesNotHaveBean(TokensReport.class));
    runner
        .withPropertyValues("nebula.security.tokens-file=")
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TokensReport.class));
  }

  @Test
  void fileIsReadAtTheStartAndLookedAtEverySecond() throws IOException {
    runner
        .withUserConfiguration(Scheduling.class)
        .withPropertyValues(written("rw-------"))
        .run(context -> {
          assertThat(context.getBean(TokensReport.class).tokens()).isEqualTo(1);
          assertThat(context.getBean(TokenStore.class).get().callers()).isEqualTo(1);
          assertThat(context.getBean(ScheduledTaskHolder.class).getScheduledTasks())
              .singleElement()
              .asString()
              .endsWith("TokenStore.look");
        });
  }

  @Test
  void unusableFileFailsTheStart() throws IOException {
    runner
        .withPropertyValues(written("rw-r--r--"))
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessageContaining("chmod 600 " + folder.resolve("tokens")));
  }
}
