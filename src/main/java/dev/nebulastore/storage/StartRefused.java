package dev.nebulastore.storage;

/**
 * An engine won't start on what it found, since it could only lose or mistake something. The
 * message is what an operator is told: the path, what is wrong with it, and what to do, in a
 * sentence or two.
 *
 * <p>Threads: immutable.
 */
public final class StartRefused extends RuntimeException {

  /** For what was found and understood. */
  public StartRefused(String message) {
    super(message);
  }

  /** For what the system refused. */
  public StartRefused(String message, Throwable cause) {
    super(message, cause);
  }
}
