package dev.nebulastore.audit;

import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Defines the audit log by the settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuditProperties.class)
class AuditConfiguration {

  /** It is closed after the server has stopped, since all that serves requests depends on it. */
  @Bean(destroyMethod = "close")
  AuditTrail auditTrail(AuditProperties properties, Environment environment) {
    InstantSource clock = InstantSource.system();
    return properties.isOn()
        ? AuditTrail.to(sink(properties, environment), properties, clock, Execution.SYSTEM)
        : AuditTrail.off(properties, clock);
  }

  @Bean
  @ConditionalOnAudit
  AuditWatch auditWatch(AuditTrail trail) {
    return new AuditWatch(trail);
  }

  private static AuditSink sink(AuditProperties properties, Environment environment) {
    Path file = properties.file();
    if (file == null) {
      return new LoggerSink();
    }
    if (file.toString().indexOf('%') >= 0) {
      throw refused(file, "must not contain a percent sign");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw refused(
          file, "must be a regular file, since it is rotated; without it, lines go to the log");
    }
    try {
      return new FileSink(Execution.SYSTEM, file, Rotation.of(environment));
    } catch (IOException e) {
      throw refused(file, "can't be opened: " + e.getMessage());
    }
  }

  private static InvalidConfigurationPropertyValueException refused(Path file, String reason) {
    return new InvalidConfigurationPropertyValueException(
        AuditProperties.PREFIX + ".file", file.toString(), reason);
  }
}
