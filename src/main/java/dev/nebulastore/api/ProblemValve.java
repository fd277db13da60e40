package dev.nebulastore.api;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before everything in Tomcat: turns the container's own errors into problems, and refuses
 * what Tomcat lets pass of older HTTP.
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
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!"HTTP/1.1".equals(request.getProtocol()) && !response.isError()) {
      String outdated = outdated(request);
      if (outdated != null) {
        problems.write(request, response, Problem.INVALID_REQUEST, Problems.Facts.of(outdated));
        return;
      }
    }
    super.invoke(request, response);
  }

  /** What RFC 9112 has a server refuse and Tomcat lets pass, or null. */
  private static @Nullable String outdated(Request request) {
    if (request.getProtocol().isEmpty()) {
      return "HTTP/0.9, which knows no headers, is not spoken here.";
    }
    return request.getHeader("Transfer-Encoding") == null
        ? null
        : "A transfer coding needs HTTP/1.1: where this request ends is in doubt.";
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
    String path = request.getRequestURI();
    if (status == 405 && path != null) {
      allow(path, response);
    }
    // Tomcat has kept what it met while it read a body.
    boolean cut = status == 400 && request.getCoyoteRequest().getErrorException() != null;
    String detail = cut ? FastKvHandler.LATE : detail(status, failure);
    problems.write(request, response, Problem.ofStatus(status), Problems.Facts.of(detail));
  }

  private static void allow(String path, Response response) {
    if (path.startsWith(KeyCodec.PREFIX)) {
      response.setHeader("Allow", AllowedMethods.OF_KEY.allow());
    } else if (path.equals(KeysController.PATH)) {
      response.setHeader("Allow", AllowedMethods.OF_KEYS.allow());
    } else if (path.equals(BatchController.PATH)) {
      response.setHeader("Allow", AllowedMethods.OF_BATCH.allow());
    }
  }

  private static String detail(int status, @Nullable Throwable failure) {
    String reason = failure == null ? null : failure.getMessage();
    return switch (status) {
      case 400 ->
          "The request line or a header is not valid HTTP" + (reason == null ? "." : ": " + reason);
      case 501 -> "Neither CONNECT nor a transfer coding other than chunked is known here.";
      case 505 -> "Only HTTP/1.1 and HTTP/1.0 are spoken here.";
      default -> "The server refused the request before it came to a handler.";
    };
  }
}
