package dev.nebulastore.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpExchangeAdapter;
import org.springframework.web.service.invoker.HttpRequestValues;

/**
 * Carries out what the interface declares: sends the request, as often as it may be, and makes of
 * its answer the result that the method promises, or an exception.
 *
 * <p>Threads: immutable.
 */
final class Exchanges implements HttpExchangeAdapter {

  private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  /** Gives requests that end within a time; without one, whenever they end. */
  @FunctionalInterface
  interface Transport {
    RestClientAdapter within(@Nullable Duration time);
  }

  private final Transport transport;
  private final Retries retries;
  private final Duration answerTimeout;

  Exchanges(Transport transport, Retries retries, Duration answerTimeout) {
    this.transport = transport;
    this.retries = retries;
    this.answerTimeout = answerTimeout;
  }

  @Override
  public void exchange(HttpRequestValues request) {
    Object _ = exchange(request, response -> null);
  }

  @Override
  @SuppressWarnings("unchecked") // The reader was chosen by the type.
  public <T> @Nullable T exchangeForBody(
      HttpRequestValues request, ParameterizedTypeReference<T> result) {
    try {
      return (T) exchange(request, Answers.of(result.getType()));
    } catch (NebulaStoreException failure) {
      if (isAbsence(request, failure)) {
        return (T) Answers.absent(result.getType());
      }
      throw failure;
    }
  }

  @Override
  public boolean supportsRequestAttributes() {
    return false;
  }

  @Override
  public HttpHeaders exchangeForHeaders(HttpRequestValues request) {
    throw new UnsupportedOperationException("results are typed");
  }

  @Override
  public ResponseEntity<Void> exchangeForBodilessEntity(HttpRequestValues request) {
    throw new UnsupportedOperationException("results are typed");
  }

  @Override
  public <T> ResponseEntity<T> exchangeForEntity(
      HttpRequestValues request, ParameterizedTypeReference<T> result) {
    throw new UnsupportedOperationException("results are typed");
  }

  private @Nullable Object exchange(HttpRequestValues request, Answers.Reader reader) {
    request.getUriVariables().values().forEach(Exchanges::refuseHalfCharacters);
    RestClientAdapter adapter = transport.within(answerTimeout);
    boolean read = READS.contains(request.getHttpMethod());
    return retries.<@Nullable Object>call(read, () -> once(adapter, request, reader));
  }

  private static @Nullable Object once(
      RestClientAdapter adapter, HttpRequestValues request, Answers.Reader reader) {
    try {
      return adapter
          .newRequest(request)
          .exchange((sent, response) -> {
            if (response.getStatusCode().value() >= 400) {
              throw ProblemReader.of(response);
            }
            return reader.read(response);
          });
    } catch (ResourceAccessException e) {
      throw ProblemReader.noAnswer(e, e.getCause());
    }
  }

  /**
   * The server takes its time for a long poll, and tells by its code that only the key is absent.
   */
  private static boolean isAbsence(HttpRequestValues request, NebulaStoreException failure) {
    return failure.code().equals("key-not-found")
        || (failure.status() == 404 && HttpMethod.HEAD.equals(request.getHttpMethod()));
  }

  /** Half of a surrogate pair has no UTF-8; it would arrive as a question mark, another key. */
  private static void refuseHalfCharacters(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("a key or prefix holds half of a surrogate pair");
    }
  }
}
