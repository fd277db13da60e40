package dev.nebulastore.ops.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.NebulaStoreApplication;
import dev.nebulastore.storage.StartRefused;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/** A failed start is reported in one line. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTests {

  @Validated
  @ConfigurationProperties("sample")
  record SampleProperties(
      @DefaultValue("5") @Min(1) @Max(1_024) int count,
      @DefaultValue("1") @Min(1) long least,
      @DefaultValue("1") @Max(9) int most,
      @DefaultValue("5s") @DurationMin(millis = 10) @DurationMax(hours = 24) Duration pause,
      @DefaultValue("5s") Duration anyPause,
      @DefaultValue("1MB") @Min(1 << 10) DataSize size,
      @Nullable @Max(1 << 20) DataSize smallSize,
      @DefaultValue("1MB") DataSize anySize,
      @DefaultValue("false") boolean flag,
      @DefaultValue("red-hot") Colour colour,
      @DefaultValue(".") Path path,
      @Valid @DefaultValue Inner inner) {

    SampleProperties {
      if (anyPause.isNegative()) {
        throw new InvalidConfigurationPropertyValueException(
            "sample.any-pause", anyPause, "must not be negative");
      }
    }

    enum Colour {
      RED_HOT,
      BLUE
    }

    record Inner(@DefaultValue("2") @Min(2) int maxDepth) {}
  }

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(SampleProperties.class)
  static class Sample {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sample.count=0                | It must be a whole number from 1 to 1024.",
        "sample.count=1025             | It must be a whole number from 1 to 1024.",
        "sample.count=many             | It must be a whole number from 1 to 1024.",
        "sample.count=                 | It must be a whole number from 1 to 1024.",
        "sample.least=0                | It must be a whole number of at least 1.",
        "sample.most=10                | It must be a whole number of at most 9.",
        "sample.pause=9ms              | It must be a duration from 10ms to 1d.",
        "sample.pause=soon             | It must be a duration from 10ms to 1d.",
        "sample.any-pause=soon         | It must be a duration such as 250ms, 30s or 5m.",
        "sample.any-pause=-1s          | It must not be negative.",
        "sample.any-size=1XB           | It must be a size such as 512KB, 1MB or 2GB.",
        "sample.size=1000B             | It must be a size of at least 1KB.",
        "sample.size=-1MB              | It must be a size of at least 1KB.",
        "sample.small-size=2MB         | It must be a size of at most 1MB.",
        "sample.small-size=big         | It must be a size of at most 1MB.",
        "sample.flag=maybe             | It must be true or false.",
        "sample.colour=green           | It must be red-hot or blue.",
        "sample.inner.max-depth=1      | It must be a whole number of at least 2.",
      })
  void wrongValueIsReportedWithKeyPlaceAndLimits(
      String given, String allowed, CapturedOutput output) {
    String key = given.substring(0, given.indexOf('='));
    String value = given.substring(given.indexOf('=') + 1);
    assertThat(failure(Sample.class, output, "--" + given))
        .isEqualTo("%s is \"%s\" (command line). %s".formatted(key, value, allowed));
  }

  /** Half of a pair of surrogates has no bytes in any encoding. */
  @Test
  void pathThatCanNotBeNamedIsReportedWithTheEncoding(CapturedOutput output) {
    assertThat(failure(Sample.class, output, "--sample.path=/x\ud800"))
        .startsWith("sample.path is \"/x")
        .endsWith(
            " It can't be named in the character encoding of this process, %s: set the environment"
                    .formatted(System.getProperty("sun.jnu.encoding"))
                + " variable LC_ALL to C.UTF-8, or use ASCII characters.");
  }

  @Test
  void allWrongValuesOfARecordAreReported(CapturedOutput output) {
    assertThat(failure(Sample.class, output, "--sample.count=0", "--sample.most=10"))
        .contains("sample.count is \"0\"", "sample.most is \"10\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SAMPLE_COUNT      | 0 | sample.count is \"0\" (environment variable SAMPLE_COUNT). It",
        "SAMPLE_ANY_PAUSE  | x | sample.any-pause is \"x\" (environment variable"
            + " SAMPLE_ANY_PAUSE).",
        "NEBULA_SHARD_COUNT| 8 | There is no setting nebula.shard.count (environment variable"
            + " NEBULA_SHARD_COUNT); did you mean nebula.shards.count?",
        "NEBULA_SHARDSCOUNT| 8 | There is no setting nebula.shardscount (environment variable"
            + " NEBULA_SHARDSCOUNT); did you mean nebula.shards.count?",
      })
  void variableIsNamedAsWritten(String variable, String value, String told, CapturedOutput output) {
    assertThat(failure(Sample.class, output, variable(variable, value))).startsWith(told);
  }

  @Test
  void placeInAFileIsReportedByLine(@TempDir Path folder, CapturedOutput output)
      throws IOException {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, "sample:\n  pause: 1s\n  count: 0\n");
    assertThat(failure(Sample.class, output, "--spring.config.additional-location=" + file))
        .startsWith("sample.count is \"0\" (my.yaml, line 3).");
    Files.writeString(file, "nebula:\n  limits:\n    max-value-size: 1MB\n");
    assertThat(failure(Sample.class, output, "--spring.config.additional-location=" + file))
        .startsWith(
            "There is no setting nebula.limits.max-value-size (my.yaml, line 3); did you mean"
                + " nebula.limits.value-size?");
  }

  @Test
  void brokenFileIsReportedByLine(@TempDir Path folder, CapturedOutput output) throws IOException {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, "nebula:\n  shards:\n    count: 3\n limits: 1\n");
    assertThat(failure(Sample.class, output, "--spring.config.additional-location=" + file))
        .startsWith("A configuration file is not YAML, line 4, column 2: ");
  }

  @Test
  void unknownSettingUnlikeAllOthersGetsTheWholeList(CapturedOutput output) {
    assertThat(failure(Sample.class, output, "--nebula.foo=1", "--nebula.shard.count=1"))
        .startsWith("There is no setting nebula.foo (command line). There is no setting nebula.sh")
        .contains(" All settings: nebula.audit.enabled, ")
        .contains(", nebula.supervision.within, ")
        .endsWith(", nebula.watch.max-subscribers, nebula.watch.max-wait.");
  }

  @Test
  void unknownSystemPropertyIsRefusedToo(CapturedOutput output) {
    System.setProperty("nebula.expiry.steps", "1");
    try {
      assertThat(failure(Sample.class, output))
          .startsWith("There is no setting nebula.expiry.steps (system property); did you mean");
    } finally {
      System.clearProperty("nebula.expiry.steps");
    }
  }

  @Test
  void variablesThatBindAndOnesOfServicesAreAccepted() {
    Map<String, Object> variables =
        Map.ofEntries(
            Map.entry("NEBULA_SHARDS_COUNT", "3"),
            Map.entry("NEBULA_SHARDS_MAILBOXCAPACITY", "3"),
            Map.entry("NEBULA_SHARDS_VIRTUAL_POINTS", "3"),
            Map.entry("NEBULA_PORT", "tcp://10.0.0.1:8080"),
            Map.entry("NEBULA_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            Map.entry("NEBULA_PORT_8080_TCP_ADDR", "10.0.0.1"),
            Map.entry("NEBULA_SERVICE_HOST", "10.0.0.1"),
            Map.entry("NEBULA_SERVICE_PORT_HTTP", "8080"),
            Map.entry("NEBULA_FRONT_SERVICE_PORT", "8080"),
            Map.entry("NEBULASTORE_SERVICE_HOST", "10.0.0.1"));
    application(Sample.class, variables).run().close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nebula.shards.mailbox-capacity",
        "nebula.shards.mailboxCapacity",
        "nebula.shards.mailbox_capacity",
        "Nebula.Shards.MailboxCapacity"
      })
  void settingIsKnownInEverySpellingThatBinds(String spelling) {
    application(Sample.class, null).run("--" + spelling + "=3").close();
  }

  @Test
  void contradictionWithADefaultIsReported(CapturedOutput output) {
    assertThat(
            failure(
                NebulaStoreApplication.class,
                output,
                "--server.port=0",
                "--nebula.storage.engine=rocksdb",
                "--nebula.storage.rocksdb.cache-size=8MB"))
        .isEqualTo(
            "nebula.storage.rocksdb.memtable-size is \"32MB\" (default). It must be at most half of"
                + " cache-size, which is 8MB.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nebula.shards.count=0                 | It must be a whole number from 1 to 1024.",
        "nebula.storage.engine=disk            | It must be rocksdb or memory.",
        "nebula.storage.memory.max-size=1KB    | It must be a size of at least 1MB.",
        "nebula.limits.value-size=65MB         | It must be a size from 1B to 64MB.",
        "nebula.limits.requests=15             | It must be a whole number of at least 16.",
        "nebula.watch.history-size=2GB         | It must be a size from 1KB to 1GB.",
        "nebula.watch.heartbeat=1ms            | It must be a duration from 10ms to 10m.",
        "nebula.watch.max-wait=999ms           | It must be a duration from 1s to 1h.",
        "nebula.shards.virtual-points=0        | It must be a whole number from 1 to 1024.",
        "nebula.shards.barrier=2s              | It must be less than"
            + " nebula.supervision.stuck-after, which is 2s.",
        "server.port=99999                     | It must be a whole number from 0 to 65535; 0 is"
            + " any free port.",
        "management.server.port=65536          | It must be a whole number from 0 to 65535; 0 is"
            + " any free port.",
        "server.port=http                      | It must be a whole number from 0 to 65535; 0 is"
            + " any free port.",
      })
  void serverRefusesWrongValues(String given, String allowed, CapturedOutput output) {
    assertThat(failure(NebulaStoreApplication.class, output, "--server.port=0", "--" + given))
        .contains(given.substring(0, given.indexOf('=')) + " is ")
        .endsWith("(command line). " + allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server.servlet.context-path",
        "server.servlet.contextPath",
        "spring.mvc.servlet.path"
      })
  void prefixOfAllPathsIsRefused(String key, CapturedOutput output) {
    String failure =
        failure(NebulaStoreApplication.class, output, "--server.port=0", "--" + key + "=/nebula");
    assertThat(failure)
        .startsWith(key.replace("P", "-p") + " is \"/nebula\" (command line). It must not be set")
        .contains("X-Forwarded-Prefix");
  }

  @Test
  void missingTlsIsReported(CapturedOutput output) {
    assertThat(
            failure(
                NebulaStoreApplication.class,
                output,
                "--server.port=0",
                "--server.address=0.0.0.0",
                "--nebula.security.require-tls=true"))
        .isEqualTo(
            "nebula.security.require-tls is \"true\" (command line). It needs TLS wherever other"
                + " machines can connect: set server.ssl.bundle, or server.address to 127.0.0.1.");
  }

  @Test
  void portInUseIsReported(CapturedOutput output) throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThat(
              failure(
                  NebulaStoreApplication.class,
                  output,
                  "--server.address=127.0.0.1",
                  "--server.port=" + port))
          .isEqualTo(
              ("Web server failed to start. Port %1$d was already in use. Identify and stop the"
                      + " process that's listening on port %1$d or configure this application to"
                      + " listen on another port.")
                  .formatted(port));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Refusing {
    @Bean
    Runnable engine() {
      throw new StartRefused("The directory /data is damaged. Restore it.", new IOException("-"));
    }
  }

  @Test
  void refusalOfAnEngineIsReportedInItsOwnWords(CapturedOutput output) {
    assertThat(failure(Refusing.class, output))
        .isEqualTo("The directory /data is damaged. Restore it.");
  }

  private static Map<String, Object> variable(String name, String value) {
    return Map.of(name, value);
  }

  private static SpringApplication application(
      Class<?> source, @Nullable Map<String, Object> variables) {
    SpringApplication application = new SpringApplication(source);
    if (source != NebulaStoreApplication.class) {
      application.setWebApplicationType(WebApplicationType.NONE);
      // application.yaml silences only the loggers of a web context.
      application.setDefaultProperties(
          Map.of("logging.level.org.springframework.context.annotation", "error"));
    }
    if (variables != null) {
      StandardEnvironment environment = new StandardEnvironment();
      String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
      environment
          .getPropertySources()
          .replace(name, new SystemEnvironmentPropertySource(name, variables));
      application.setEnvironment(environment);
    }
    return application;
  }

  private static String failure(Class<?> source, CapturedOutput output, String... arguments) {
    return failure(application(source, null), output, arguments);
  }

  private static String failure(
      Class<?> source, CapturedOutput output, Map<String, Object> variables) {
    return failure(application(source, variables), output);
  }

  /** What the one line says after "NebulaStore can't start: ". */
  private static String failure(
      SpringApplication application, CapturedOutput output, String... arguments) {
    int before = output.getAll().length();
    assertThatThrownBy(() -> application.run(arguments).close()).isNotNull();
    List<String> lines =
        output.getAll().substring(before).lines().filter(line -> !line.isBlank()).toList();
    assertThat(lines).singleElement().asString().contains("ERROR", " NebulaStore can't start: ");
    return lines.getFirst().replaceFirst("^.* NebulaStore can't start: ", "");
  }
}
