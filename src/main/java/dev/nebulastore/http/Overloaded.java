package dev.nebulastore.http;

import java.time.Duration;

/** A limit on concurrent requests is reached, so the request is refused without being applied. */
public final class Overloaded extends RuntimeException {

  /** When a retry makes sense. */
  public static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private Overloaded(String message) {
    super(message, null, false, false);
  }

  /** The limit of concurrent requests is reached. */
  public static Overloaded byRequests(int limit) {
    return new Overloaded(
        ("The limit of %d concurrent requests is reached (`nebula.limits.requests`)."
                + " Retry later or raise it.")
            .formatted(limit));
  }

  /** More connections are open than the limit allows. */
  public static Overloaded byConnections(int limit) {
    return new Overloaded(
        ("The limit of %d open connections is reached (`nebula.limits.connections`)."
                + " Retry later or raise it.")
            .formatted(limit));
  }

  /** There is no memory for the values that the request, or a part of it, writes or reads. */
  public static Overloaded byContent() {
    return new Overloaded(
        "The values of concurrent requests have reached their memory limit"
            + " (`nebula.limits.content-memory`). Retry later or raise it.");
  }

  /** No more lines of the audit log may wait, and none may be lost. */
  public static Overloaded byAuditLog(int limit) {
    return new Overloaded(
        ("The limit of %d waiting lines of the audit log is reached (`nebula.audit.queue`)."
                + " Retry later.")
            .formatted(limit));
  }
}
