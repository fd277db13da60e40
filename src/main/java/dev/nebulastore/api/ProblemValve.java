package dev.nebulastore.api;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before everything in Tomcat, and turns the container's own errors into problems.
 *
 * <p>Threads: immutable.
 */
final class ProblemValve extends ErrorReportValve {

  private static final Logger log = LoggerFactory.getLogger(ProblemValve.class);

  private final Problems problems;

  ProblemValve(Problems problems) {
    this.problems = problems;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    if (status >= 500 && failure != null && !(failure instanceof IOException)) {
      log.error("A request failed", failure);
    }
    try {
      answer(request, response, status, failure);
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      log.debug("An error could not be answered", e);
    }
  }

  private void answer(Request request, Response response, int status, @Nullable Throwable failure)
      throws IOException {
    problems.write(
        request, response, Problem.ofStatus(status), Problems.Facts.of(detail(status, failure)));
  }

  private static String detail(int status, @Nullable Throwable failure) {
    if (status != 400) {
      return "The server refused the request before it came to a handler.";
    }
    String reason = failure == null ? null : failure.getMessage();
    return "The request line or a header is not valid HTTP"
        + (reason == null ? "." : ": " + reason);
  }
}
