package dev.nebulastore.api;

import dev.nebulastore.kv.Key;
import org.jspecify.annotations.Nullable;

/** A request, or an operation of one, that is refused before it becomes a command. */
final class ApiException extends RuntimeException {

  private final Problem problem;
  private final transient @Nullable Key key;

  ApiException(Problem problem, String detail) {
    this(problem, detail, null);
  }

  private ApiException(Problem problem, String detail, @Nullable Key key) {
    super(detail, null, false, false);
    this.problem = problem;
    this.key = key;
  }

  /** The same, with the key that it is about. */
  ApiException about(Key subject) {
    return new ApiException(problem, String.valueOf(getMessage()), subject);
  }

  Problem problem() {
    return problem;
  }

  /** The key, where the request does not name it elsewhere. */
  @Nullable Key key() {
    return key;
  }
}
