package dev.nebulastore.storage;

import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * An engine refuses to start, since it could lose or misread data. Spring Boot reports the message
 * to the operator: the path, what is wrong with it, and what to do, in a sentence or two.
 *
 * <p>Threads: immutable.
 */
public final class StartRefused extends FailureAnalyzedException {

  /** For a state of the data that the engine recognizes. */
  public StartRefused(String message) {
    super(message, null);
  }

  /** For a failure of the system. */
  public StartRefused(String message, Throwable cause) {
    super(message, null, cause);
  }
}
