package dev.nebulastore.client;

import java.io.IOException;
import java.io.OutputStream;
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
 * Turns arguments of this package's types into parts of a request.
 *
 * <p>Threads: immutable.
 */
final class Arguments implements HttpServiceArgumentResolver {

  /** The request attribute that holds the number of operations of a batch. */
  static final String COUNT = "operations";

  @Override
  public boolean resolve(
      @Nullable Object argument, MethodParameter parameter, HttpRequestValues.Builder request) {
    if (argument instanceof Condition condition) {
      tags(request, HttpHeaders.IF_MATCH, condition.ifMatch());
      tags(request, HttpHeaders.IF_NONE_MATCH, condition.ifNoneMatch());
    } else if (argument instanceof Value value) {
      body(request, value.bytes(), value.contentType());
    } else if (argument instanceof Operations operations) {
      operations.list().forEach(operation -> Keys.encodable(operation.key()));
      request.addAttribute(COUNT, operations.list().size());
      stream(request, "application/x-ndjson", out -> writeLines(operations, out));
    } else if (argument instanceof Transaction transaction) {
      byte[] json = Json.write(TransactionJson.of(transaction));
      body(request, json, "application/json");
    } else if (argument instanceof WatchTargets targets) {
      targets.keys().forEach(key -> request.addRequestParameter("key", Keys.encodable(key)));
      targets
          .prefixes()
          .forEach(prefix -> request.addRequestParameter("prefix", Keys.encodable(prefix)));
      if (!targets.kinds().isEmpty()) {
        request.addRequestParameter("events", targets.events());
      }
      request.addRequestParameter("values", Boolean.toString(targets.values()));
    } else {
      return false;
    }
    return true;
  }

  /** Writes durations in ISO 8601, and preferences as in RFC 7240. */
  static ConversionService conversions() {
    var conversions = new DefaultConversionService();
    conversions.addConverter(Duration.class, String.class, Duration::toString);
    conversions.addConverter(Wait.class, String.class, Wait::toString);
    return conversions;
  }

  private static void tags(HttpRequestValues.Builder request, String name, List<String> tags) {
    if (!tags.isEmpty()) {
      request.configureHeaders(headers -> headers.set(name, String.join(", ", tags)));
    }
  }

  private static void stream(
      HttpRequestValues.Builder request, String type, StreamingHttpOutputMessage.Body body) {
    request.setBodyValue(body);
    request.configureHeaders(headers -> headers.set(HttpHeaders.CONTENT_TYPE, type));
  }

  private static void writeLines(Operations operations, OutputStream out) throws IOException {
    for (Operation operation : operations.list()) {
      out.write(Json.write(OperationJson.of(operation)));
      out.write('\n');
    }
  }

  /** A message converter would change the spelling of the content type. */
  private static void body(HttpRequestValues.Builder request, byte[] bytes, String contentType) {
    StreamingHttpOutputMessage.Body body = out -> out.write(bytes);
    request.setBodyValue(body);
    request.configureHeaders(headers -> {
      headers.set(HttpHeaders.CONTENT_TYPE, contentType);
      headers.setContentLength(bytes.length);
    });
  }
}
