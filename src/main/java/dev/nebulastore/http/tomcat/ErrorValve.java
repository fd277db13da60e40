package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.ServletReply;
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
 * Has Tomcat's own errors {@link ErrorAnswers answered}, and refuses wrong hosts ({@link
 * RequestedHost}) and older HTTP that Tomcat accepts. It is the first valve.
 *
 * <p>Threads: immutable.
 */
final class ErrorValve extends ErrorReportValve {

  private static final Logger log = LoggerFactory.getLogger(ErrorValve.class);

  /** What Tomcat quotes of a request, which may be a token. */
  private static final Pattern QUOTED = Pattern.compile(" ?\\[.*]", Pattern.DOTALL);

  private static final int BAD_REQUEST = 400;
  private static final int EXPECTATION_FAILED = 417;
  private static final int SERVER_ERROR = 500;
  private static final int NOT_IMPLEMENTED = 501;

  private final ErrorAnswers answers;

  ErrorValve(ErrorAnswers answers) {
    this.answers = answers;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    String fault = RequestedHost.fault(request.getCoyoteRequest());
    if (fault != null && !response.isError()) {
      keepConnection(request, response);
      answers.answer(request, response, BAD_REQUEST, fault);
      return;
    }
    if (!"HTTP/1.1".equals(request.getProtocol()) && !response.isError()) {
      String outdated = outdated(request);
      if (outdated != null) {
        answers.answer(request, response, BAD_REQUEST, outdated);
        return;
      }
    }
    keepConnection(request, response);
    super.invoke(request, response);
  }

  private static void keepConnection(Request request, Response response) {
    Runnable keep =
        () -> KeptConnection.keep(request.getCoyoteRequest(), response.getCoyoteResponse());
    request.setAttribute(ServletReply.BEFORE_BAD_REQUEST, keep);
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
    if (status >= SERVER_ERROR
        && status != NOT_IMPLEMENTED
        && failure != null
        && !(failure instanceof IOException)) {
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
    RefusedHead refused = refused(request, failure);
    if (refused != null) {
      answers.answer(request, response, refused.status(), refused.detail());
      return;
    }
    // Tomcat keeps the failure of reading a body.
    boolean cut = status == BAD_REQUEST && request.getCoyoteRequest().getErrorException() != null;
    // Tomcat goes on with the headers before a malformed one.
    int told =
        failure instanceof IllegalArgumentException && isOfHead(status) ? BAD_REQUEST : status;
    String detail = cut ? ErrorAnswers.BODY_CUT_SHORT : detail(request, told, failure);
    answers.answer(request, response, told, detail);
  }

  /** Why a head was refused, if Tomcat did not refuse it for another reason. */
  private static @Nullable RefusedHead refused(Request request, @Nullable Throwable failure) {
    if (failure instanceof RefusedHead refused) {
      return refused;
    }
    // Tomcat tells a request line that is too long only in words.
    if (failure instanceof IllegalArgumentException
        && request.getCoyoteRequest().getInputBuffer() instanceof AdmittedInput input
        && request.getConnector().getProtocolHandler() instanceof BoundedProtocol protocol) {
      int max = protocol.getMaxHttpRequestHeaderSize();
      return input.isLineTooLong(max) ? RefusedHead.ofLongLine(max) : null;
    }
    return null;
  }

  private static boolean isOfHead(int status) {
    return status == EXPECTATION_FAILED || status == NOT_IMPLEMENTED;
  }

  private static String detail(Request request, int status, @Nullable Throwable failure) {
    String reason = failure == null ? null : failure.getMessage();
    return switch (status) {
      case 400 ->
          "The request line or a header is not valid HTTP"
              + (reason == null ? "." : ": " + QUOTED.matcher(reason).replaceAll(""));
      case 404 -> "There is nothing at this path.";
      case 405 -> "This path does not support this method.";
      case EXPECTATION_FAILED -> "The only expectation that is supported is 100-continue.";
      case NOT_IMPLEMENTED ->
          "CONNECT".equals(request.getMethod())
              ? "CONNECT is not supported: this server is no proxy."
              : "The only transfer coding that is supported is chunked.";
      case 505 -> "Only HTTP/1.1 and HTTP/1.0 are supported.";
      default -> "The server refused the request before it reached a handler.";
    };
  }
}
