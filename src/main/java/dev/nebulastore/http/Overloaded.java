package dev.nebulastore.http;

import java.time.Duration;

/**
 * A limit of the server, or of one caller, is reached, so the request is refused without being
 * applied.
 */
public final class Overloaded extends RuntimeException {

  /** When a retry usually makes sense. */
  public static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final boolean byCaller;
  private final Duration retryAfter;

  private Overloaded(String message, boolean byCaller, Duration retryAfter) {
    super(message, null, false, false);
    this.byCaller = byCaller;
    this.retryAfter = retryAfter;
  }

  private static Overloaded byServer(String message) {
    return new Overloaded(message, false, RETRY_AFTER);
  }

  /** Whether the limit is that of one caller, and others are served. */
  public boolean isByCaller() {
    return byCaller;
  }

  /** When a retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /**
   * One caller has reached a limit of its own.
   *
   * @param limit what is limited, with its number
   * @param setting the setting, below {@code nebula.limits.per-caller}
   */
  static Overloaded byCaller(String limit, String setting, Duration retryAfter) {
    return new Overloaded(
        "The limit of %s for each caller is reached (`nebula.limits.per-caller.%s`). Retry later."
            .formatted(limit, setting),
        true,
        retryAfter);
  }

  /** The limit of concurrent requests is reached. */
  public static Overloaded byRequests(int limit) {
    return byServer(
        ("The limit of %d concurrent requests is reached (`nebula.limits.requests`)."
                + " Retry later or raise it.")
            .formatted(limit));
  }

  /** More streams of HTTP/2 with bodies are open than the limit allows. */
  public static Overloaded byStreams(int limit) {
    return byServer(
        ("The limit of %d concurrent streams of HTTP/2 with bodies is reached, an eighth of"
                + " `nebula.limits.streams`. Retry later, raise it, or use HTTP/1.1.")
            .formatted(limit));
  }

  /** More connections are open than the limit allows. */
  public static Overloaded byConnections(int limit) {
    return byServer(
        ("The limit of %d open connections is reached (`nebula.limits.connections`)."
                + " Retry later or raise it.")
            .formatted(limit));
  }

  /** There is no memory for the values that the request, or a part of it, writes or reads. */
  public static Overloaded byContent() {
    return byServer(
        "The values of concurrent requests have reached their memory limit"
            + " (`nebula.limits.content-memory`), or those of this caller theirs"
            + " (`nebula.limits.per-caller.content-memory`). Retry later or raise it.");
  }

  /** More connections are open from one address than the limit allows. */
  public static Overloaded byAddress(int limit) {
    return byCaller(limit + " open connections", "connections", RETRY_AFTER);
  }

  /** No more lines of the audit log may wait, and none may be lost. */
  public static Overloaded byAuditLog(int limit) {
    return byServer(
        ("The limit of %d waiting lines of the audit log is reached (`nebula.audit.queue`)."
                + " Retry later.")
            .formatted(limit));
  }
}
