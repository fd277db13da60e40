package dev.nebulastore.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * How many connections the limit of open files ({@code ulimit -n}) allows. When no file descriptor
 * is left, the server can't accept connections, and the durable engine can't open tables or logs,
 * so writes fail.
 *
 * <p>Threads: immutable.
 *
 * @param files how many the process may open
 */
public record OpenFileLimit(long files) {

  private static final Logger log = LoggerFactory.getLogger(OpenFileLimit.class);

  /** The tables that the durable engine keeps open. */
  public static final int TABLES = 256;

  /** Jars, logs, listening sockets, selectors. */
  private static final int OTHERS = 256;

  private static final int LEAST_CONNECTIONS = 16;

  /** What is open beside the connections that requests are served on. */
  private static final int RESERVED = TABLES + OTHERS + ConnectionLimit.TO_BE_REFUSED;

  /** The limit of this process; unlimited where the system does not tell. */
  public static OpenFileLimit ofProcess() {
    return new OpenFileLimit(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() > 0
            ? system.getMaxFileDescriptorCount()
            : Long.MAX_VALUE);
  }

  /** How many connections fit; negative if the limit is too low for everything else. */
  long fitting() {
    return files - RESERVED;
  }

  /**
   * How many connections there may be.
   *
   * @param wanted what is configured, or null
   * @param byDefault what is used otherwise, if so many fit
   * @throws Exceeded if what is configured does not fit, or not even the least does
   */
  public int connections(@Nullable Integer wanted, int byDefault) {
    if (fitting() < LEAST_CONNECTIONS || (wanted != null && wanted > fitting())) {
      throw new Exceeded(this, wanted);
    }
    if (wanted != null) {
      return wanted;
    }
    if (byDefault <= fitting()) {
      return byDefault;
    }
    log.warn(
        "The process may open {} files (ulimit -n), so at most {} connections are served, not {}",
        files,
        fitting(),
        byDefault);
    return (int) fitting();
  }

  /** More connections are configured than the process may have open. */
  public static final class Exceeded extends FailureAnalyzedException {

    private Exceeded(OpenFileLimit limit, @Nullable Integer wanted) {
      super(
          limit.fitting() < LEAST_CONNECTIONS
              ? "The process may open %d files (ulimit -n), and needs at least %d. Raise the limit."
                  .formatted(limit.files(), RESERVED + LEAST_CONNECTIONS)
              : "nebula.limits.connections is %d. It must be at most %d, since the process may open"
                      .formatted(wanted, limit.fitting())
                  + " %d files (ulimit -n) and needs %d beside connections."
                      .formatted(limit.files(), RESERVED),
          null);
    }
  }
}
