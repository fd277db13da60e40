package dev.nebulastore.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.http.HttpHeaders;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.web.service.invoker.HttpRequestValues;
import org.springframework.web.service.invoker.HttpServiceArgumentResolver;

/**
 * What arguments of our own types become in a request.
 *
 * <p>Threads: immutable.
 */
final class Arguments implements HttpServiceArgumentResolver {

  /** The attribute of a request that tells how many answers there must be. */
  static final String COUNT = "operations";

  @Override
  public boolean resolve(
      @Nullable Object argument, MethodParameter parameter, HttpRequestValues.Builder request) {
    return switch (argument) {
      case Condition(List<String> ifMatch, List<String> ifNoneMatch) -> {
        condition(request, HttpHeaders.IF_MATCH, ifMatch);
        condition(request, HttpHeaders.IF_NONE_MATCH, ifNoneMatch);
        yield true;
      }
      case Value(byte[] bytes, String contentType) -> {
        body(request, bytes, contentType);
        yield true;
      }
      case Operations(List<Operation> operations) -> {
        request.addAttribute(COUNT, operations.size());
        stream(request, "application/x-ndjson", out -> Json.writeLines(operations, out));
        yield true;
      }
      case Transaction transaction -> {
        stream(request, "application/json", out -> Json.write(transaction, out));
        yield true;
      }
      case null, default -> false;
    };
  }

  /** Times as ISO-8601 has them, and preferences as RFC 7240 has them. */
  static ConversionService conversions() {
    var conversions = new DefaultConversionService();
    conversions.addConverter(Duration.class, String.class, Duration::toString);
    conversions.addConverter(Wait.class, String.class, Wait::toString);
    return conversions;
  }

  private static void condition(HttpRequestValues.Builder request, String name, List<String> tags) {
    if (!tags.isEmpty()) {
      request.configureHeaders(headers -> headers.set(name, String.join(", ", tags)));
    }
  }

  private static void stream(
      HttpRequestValues.Builder request, String type, StreamingHttpOutputMessage.Body body) {
    request.setBodyValue(body);
    request.configureHeaders(headers -> headers.set(HttpHeaders.CONTENT_TYPE, type));
  }

  /** Bytes as they are, under a type as it is spelled, which a message converter would not keep. */
  private static void body(HttpRequestValues.Builder request, byte[] bytes, String contentType) {
    StreamingHttpOutputMessage.Body body = out -> out.write(bytes);
    request.setBodyValue(body);
    request.configureHeaders(headers -> {
      headers.set(HttpHeaders.CONTENT_TYPE, contentType);
      headers.setContentLength(bytes.length);
    });
  }
}
