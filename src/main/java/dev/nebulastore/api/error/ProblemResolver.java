package dev.nebulastore.api.error;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Turns exceptions of Spring MVC and of all handlers, including Actuator's, into problems.
 *
 * <p>Threads: immutable.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProblemResolver implements HandlerExceptionResolver {

  private static final Logger log = LoggerFactory.getLogger(ProblemResolver.class);

  private final Problems problems;

  ProblemResolver(Problems problems) {
    this.problems = problems;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception failure) {
    try {
      if (response.isCommitted() || failure instanceof IOException) {
        // There is no client to answer: it has gone, or sent less than it announced.
        return null;
      }
      response.resetBuffer();
      response.setContentType(null);
      if (failure instanceof ErrorResponse error) {
        error
            .getHeaders()
            .forEach((name, values) -> values.forEach(v -> response.addHeader(name, v)));
        Problem problem = Problem.ofStatus(error.getStatusCode().value());
        // Spring's detail for a path is about static resources.
        String said = problem == Problem.NOT_FOUND ? null : error.getBody().getDetail();
        String detail = said == null ? problem.meaning() : said;
        problems.write(request, response, problem, Refusal.Facts.of(detail));
      } else if (failure instanceof HttpMessageNotReadableException) {
        String detail = "The body is not the expected JSON object.";
        problems.write(request, response, Problem.INVALID_REQUEST, Refusal.Facts.of(detail));
      } else {
        problems.write(request, response, failure, null);
      }
    } catch (IOException e) {
      log.debug("An error could not be answered", e);
    }
    return new ModelAndView();
  }
}
