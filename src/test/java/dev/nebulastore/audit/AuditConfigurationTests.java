package dev.nebulastore.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

/** Which audit log there is, by the settings. */
class AuditConfigurationTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner().withUserConfiguration(AuditConfiguration.class);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"nebula.audit.queue=256", "nebula.audit.file=", "nebula.audit.enabled=false"})
  void thereIsNoneByDefault(String setting) {
    runner
        .withPropertyValues(setting)
        .run(context -> {
          assertThat(context.getBean(AuditTrail.class).isOn()).isFalse();
          assertThat(context).doesNotHaveBean(AuditWatch.class);
        });
  }

  @Test
  void fileTurnsItOn() {
    Path file = folder.resolve("audit.jsonl");
    runner
        .withPropertyValues("nebula.audit.file=" + file)
        .run(context -> {
          assertThat(context.getBean(AuditTrail.class).isOn()).isTrue();
          assertThat(context.getBean(AuditTrail.class).hasWrites()).isFalse();
          assertThat(context).hasSingleBean(AuditWatch.class);
          assertThat(file).exists();
        });
    runner
        .withPropertyValues("nebula.audit.file=" + file, "nebula.audit.enabled=false")
        .run(context -> assertThat(context.getBean(AuditTrail.class).isOn()).isFalse());
  }

  @Test
  void loggerNeedsNoFile() {
    runner
        .withPropertyValues("nebula.audit.enabled=on")
        .run(context -> {
          assertThat(context.getBean(AuditTrail.class).isOn()).isTrue();
          assertThat(context).hasSingleBean(AuditWatch.class);
        });
  }

  @Test
  void stopWritesWhatWaits() {
    Path file = folder.resolve("audit.jsonl");
    runner
        .withPropertyValues("nebula.audit.file=" + file, "nebula.audit.writes=true")
        .run(context -> {
          AuditTrail trail = context.getBean(AuditTrail.class);
          assertThat(trail.hasWrites()).isTrue();
          for (int i = 0; i < 5_000; i++) {
            trail.record(new AuditEvent.Reloaded(i, null));
          }
        });
    assertThat(file).content().hasLineCount(5_000);
  }

  @ParameterizedTest
  @CsvSource({
    "nebula.audit.writes=true, nebula.audit.writes",
    "nebula.audit.when-full=refuse, nebula.audit.when-full",
    "nebula.audit.file=/dev/null/audit, nebula.audit.file",
    "nebula.audit.file=/dev/null, nebula.audit.file",
    "nebula.audit.file=100%, nebula.audit.file"
  })
  void wrongSettingsFailTheStart(String setting, String name) {
    runner
        .withPropertyValues(setting)
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOfSatisfying(
                    InvalidConfigurationPropertyValueException.class,
                    refusal -> assertThat(refusal.getName()).isEqualTo(name)));
  }

  /** Spring Boot's default is no cap. */
  @Test
  void sizeIsCappedByDefault() {
    MockEnvironment environment = new MockEnvironment();
    assertThat(Rotation.of(environment))
        .isEqualTo(new Rotation(DataSize.ofMegabytes(10), DataSize.ofGigabytes(1), 7, false));
    environment
        .withProperty("logging.logback.rollingpolicy.max-file-size", "1MB")
        .withProperty("logging.logback.rollingpolicy.total-size-cap", "5MB")
        .withProperty("logging.logback.rollingpolicy.max-history", "0")
        .withProperty("logging.logback.rollingpolicy.clean-history-on-start", "true");
    assertThat(Rotation.of(environment))
        .isEqualTo(new Rotation(DataSize.ofMegabytes(1), DataSize.ofMegabytes(5), 366, true));
  }
}
