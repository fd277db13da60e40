package dev.nebulastore.audit;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * How a file of the audit log is rotated: Spring Boot's settings for Logback, but with a cap on the
 * size by default, so that requests that are refused can't fill the disk.
 */
record Rotation(
    DataSize maxFileSize, DataSize totalSizeCap, int maxHistory, boolean cleanHistoryOnStart) {

  private static final String PREFIX = "logging.logback.rollingpolicy.";
  private static final DataSize SIZE = DataSize.ofMegabytes(10);
  private static final DataSize CAP = DataSize.ofGigabytes(1);
  private static final int DAYS = 7;

  /** Logback caps the size only of a bounded number of days. */
  private static final int YEAR = 366;

  static Rotation of(Environment environment) {
    Binder binder = Binder.get(environment);
    DataSize cap = binder.bind(PREFIX + "total-size-cap", DataSize.class).orElse(CAP);
    int history = binder.bind(PREFIX + "max-history", Integer.class).orElse(DAYS);
    return new Rotation(
        binder.bind(PREFIX + "max-file-size", DataSize.class).orElse(SIZE),
        cap,
        history > 0 ? history : YEAR,
        binder.bind(PREFIX + "clean-history-on-start", Boolean.class).orElse(false));
  }
}
