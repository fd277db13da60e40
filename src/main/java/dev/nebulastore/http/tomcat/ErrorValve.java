package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ErrorAnswers;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Tomcat's own errors {@link ErrorAnswers answered}, and refuses older HTTP that Tomcat
 * accepts. It is the first valve.
 *
 * <p>Threads: immutable.
 */
final class ErrorValve extends ErrorReportValve {

  private static final Logger log = LoggerFactory.getLogger(ErrorValve.class);

  /** What Tomcat quotes of a request, which may be a token. */
  private static final Pattern QUOTED = Pattern.compile(" ?\\[.*]", Pattern.DOTALL);

  private static final int BAD_REQUEST = 400;
  private static final int SERVER_ERROR = 500;

  private final ErrorAnswers answers;

  ErrorValve(ErrorAnswers answers) {
    this.answers = answers;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!"HTTP/1.1".equals(request.getProtocol()) && !response.isError()) {
      String outdated = outdated(request);
      if (outdated != null) {
        answers.answer(request, response, BAD_REQUEST, outdated);
        return;
      }
    }
    super.invoke(request, response);
  }

  /** What RFC 9112 requires a server to refuse and Tomcat accepts, or null. */
  private static @Nullable String outdated(Request request) {
    if (request.getProtocol().isEmpty()) {
      return "HTTP/0.9 is not supported.";
    }
    return request.getHeader("Transfer-Encoding") == null
        ? null
        : "Transfer-Encoding requires HTTP/1.1.";
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    if (status < BAD_REQUEST || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    if (status >= SERVER_ERROR && failure != null && !(failure instanceof IOException)) {
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
    // Tomcat keeps the failure of reading a body.
    boolean cut = status == BAD_REQUEST && request.getCoyoteRequest().getErrorException() != null;
    String detail = cut ? ErrorAnswers.BODY_CUT_SHORT : detail(status, failure);
    answers.answer(request, response, status, detail);
  }

  private static String detail(int status, @Nullable Throwable failure) {
    String reason = failure == null ? null : failure.getMessage();
    return switch (status) {
      case 400 ->
          "The request line or a header is not valid HTTP"
              + (reason == null ? "." : ": " + QUOTED.matcher(reason).replaceAll(""));
      case 404 -> "There is nothing at this path.";
      case 405 -> "This path does not support this method.";
      case 501 -> "CONNECT and transfer codings other than chunked are not supported.";
      case 505 -> "Only HTTP/1.1 and HTTP/1.0 are supported.";
      default -> "The server refused the request before it reached a handler.";
    };
  }
}
