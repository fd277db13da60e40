package dev.nebulastore.api.error;

import dev.nebulastore.http.MethodAdvice;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
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
  private final ObjectProvider<MethodAdvice> advice;

  ProblemResolver(Problems problems, ObjectProvider<MethodAdvice> advice) {
    this.problems = problems;
    this.advice = advice;
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
      if (failure instanceof HttpRequestMethodNotSupportedException unsupported) {
        refuse(request, response, unsupported);
      } else if (failure instanceof ErrorResponse error) {
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

  /** Spring MVC lists neither OPTIONS, which it answers everywhere, nor HEAD, which is a GET. */
  private void refuse(
      HttpServletRequest request,
      HttpServletResponse response,
      HttpRequestMethodNotSupportedException unsupported)
      throws IOException {
    Set<String> supported = new LinkedHashSet<>();
    for (HttpMethod method : orNone(unsupported.getSupportedHttpMethods())) {
      supported.add(method.name());
      if (method.equals(HttpMethod.GET)) {
        supported.add("HEAD");
      }
    }
    supported.add("OPTIONS");
    String allow = String.join(", ", supported);
    response.setHeader("Allow", allow);
    String method = request.getMethod();
    String detail =
        Stream.concat(
                Stream.of("This path supports " + allow + "; not " + method + "."),
                advice.stream()
                    .map(each -> each.adviceFor(method, request.getRequestURI()))
                    .flatMap(Stream::ofNullable))
            .collect(Collectors.joining(" "));
    problems.write(request, response, Problem.METHOD_NOT_ALLOWED, Refusal.Facts.of(detail));
  }

  private static Set<HttpMethod> orNone(@Nullable Set<HttpMethod> methods) {
    return methods == null ? Set.of() : methods;
  }
}
