package dev.nebulastore.api.answer;

import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.error.Refusal;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.RawPath;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;

/**
 * Answers requests that the servlet container refuses with problems.
 *
 * <p>Threads: immutable.
 */
@Component
final class ContainerProblems implements ErrorAnswers {

  /** What all other paths allow; some allow more. */
  private static final String ANYWHERE = "GET, HEAD, OPTIONS";

  private final Problems problems;

  ContainerProblems(Problems problems) {
    this.problems = problems;
  }

  @Override
  public byte[] overloaded(Overloaded refusal) {
    return problems.onTheWire(refusal);
  }

  @Override
  public byte[] badRequest(String detail) {
    return problems.onTheWire(new ApiException(Problem.INVALID_REQUEST, detail));
  }

  @Override
  public void answer(
      HttpServletRequest request, HttpServletResponse response, int status, String detail)
      throws IOException {
    Problem problem = Problem.ofStatus(status);
    String path = RawPath.of(request);
    if (problem == Problem.METHOD_NOT_ALLOWED && path != null) {
      response.setHeader(
          "Allow", AllowedMethods.at(path).map(AllowedMethods::allow).orElse(ANYWHERE));
    }
    problems.write(request, response, problem, Refusal.Facts.of(detail));
  }
}
