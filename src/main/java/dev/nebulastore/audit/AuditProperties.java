package dev.nebulastore.audit;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.validation.annotation.Validated;

/**
 * The audit log: a line of JSON for each request that is refused with 401 or 403, each act of an
 * administrator and each reload of the tokens file.
 *
 * @param enabled whether there is an audit log; by default if file is set
 * @param file the file of the audit log, which is rotated by logging.logback.rollingpolicy; by
 *     default its lines go to the logger nebula.audit
 * @param writes whether each write has a line, too
 * @param queue the number of lines that may wait until they are written, 256 to 1,000,000
 * @param whenFull what happens when no more lines may wait: drop serves the request, loses its line
 *     and counts it; refuse refuses with 503 each request that must have a line, before it has any
 *     effect
 */
@Validated
@ConfigurationProperties(AuditProperties.PREFIX)
record AuditProperties(
    @Nullable Boolean enabled,
    @Nullable Path file,
    @DefaultValue("false") boolean writes,
    @DefaultValue("8192") @Min(256) @Max(1_000_000) int queue,
    @DefaultValue("drop") WhenFull whenFull) {

  static final String PREFIX = "nebula.audit";

  /** What happens when the queue is full. */
  enum WhenFull {
    /** The line is lost. */
    DROP,
    /** The request is refused. */
    REFUSE
  }

  AuditProperties {
    // An environment without a file may give an empty value.
    file = file == null || file.toString().isEmpty() ? null : file;
    if (enabled == null && file == null && writes) {
      throw withoutLog("writes", "true");
    }
    if (enabled == null && file == null && whenFull == WhenFull.REFUSE) {
      throw withoutLog("when-full", "refuse");
    }
  }

  boolean isOn() {
    return enabled == null ? file != null : enabled;
  }

  boolean refuses() {
    return whenFull == WhenFull.REFUSE;
  }

  private static InvalidConfigurationPropertyValueException withoutLog(String name, String value) {
    return new InvalidConfigurationPropertyValueException(
        PREFIX + "." + name, value, "needs nebula.audit.file, or nebula.audit.enabled=true");
  }
}
