package dev.nebulastore.api.error;

import dev.nebulastore.kv.Key;
import org.jspecify.annotations.Nullable;

/** Refuses a request, or an operation of one, before it becomes a command. */
public final class ApiException extends RuntimeException {

  private final Problem problem;
  private final transient @Nullable Key key;

  /**
   * Creates a refusal.
   *
   * @param detail what is wrong with this request, in a sentence
   */
  public ApiException(Problem problem, String detail) {
    this(problem, detail, null);
  }

  private ApiException(Problem problem, String detail, @Nullable Key key) {
    super(detail, null, false, false);
    this.problem = problem;
    this.key = key;
  }

  /** The same refusal with the key of its operation. */
  public ApiException about(Key subject) {
    return new ApiException(problem, String.valueOf(getMessage()), subject);
  }

  /** The kind of problem. */
  public Problem problem() {
    return problem;
  }

  /** The key of the operation, unless the request names it elsewhere. */
  public @Nullable Key key() {
    return key;
  }
}
