package dev.nebulastore.api;

/** A request that is refused before it becomes a command. */
final class ApiException extends RuntimeException {

  private final Problem problem;

  ApiException(Problem problem, String detail) {
    super(detail, null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
