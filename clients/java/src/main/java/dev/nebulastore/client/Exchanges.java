package dev.nebulastore.client;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpExchangeAdapter;
import org.springframework.web.service.invoker.HttpRequestValues;

/**
 * Carries out a call of the interface: sends the request, repeats it where that is safe, and turns
 * the response into the result of the method or an exception.
 *
 * <p>Threads: immutable.
 */
final class Exchanges implements HttpExchangeAdapter {

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  /** Provides requests with a time limit, or with none if it is null. */
  @FunctionalInterface
  interface Transport {
    RestClientAdapter within(@Nullable Duration time);
  }

  private final Transport transport;
  private final Executor threads;
  private final Retries retries;
  private final ClientSettings settings;

  Exchanges(Transport transport, Executor threads, Retries retries, ClientSettings settings) {
    this.transport = transport;
    this.threads = threads;
    this.retries = retries;
    this.settings = settings;
  }

  @Override
  public void exchange(HttpRequestValues request) {
    Object unused = exchange(request, response -> null);
  }

  @Override
  @SuppressWarnings("unchecked") // The reader was chosen by the type.
  public <T> @Nullable T exchangeForBody(
      HttpRequestValues request, ParameterizedTypeReference<T> result) {
    Type type = result.getType();
    if (type == Watch.class) {
      String since = request.getHeaders().getFirst(LAST_EVENT_ID);
      return (T) retries.call(true, () -> new Watch(id -> open(request, id), retries, since));
    }
    if (type instanceof ParameterizedType list) {
      return (T) (list.getRawType() == Stream.class ? lines(request, list) : results(request));
    }
    try {
      return (T) exchange(request, ResponseReaders.of(type));
    } catch (NebulaStoreException failure) {
      if (isAbsence(request, failure)) {
        return (T) ResponseReaders.absent(type);
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

  private @Nullable Object exchange(HttpRequestValues request, ResponseReaders.Reader reader) {
    request.getUriVariables().values().forEach(Keys::encodable);
    RestClientAdapter adapter = transport.within(settings.answerTimeout().plus(wait(request)));
    return retries.<@Nullable Object>call(
        isRead(request),
        () ->
            guarded(() ->
                adapter
                    .newRequest(request)
                    .exchange((sent, response) -> reader.read(successful(response)))));
  }

  /** The lines of a listing, read as they arrive. */
  private Stream<?> lines(HttpRequestValues request, ParameterizedType stream) {
    LineStream lines = retries.call(true, () -> open(request, null));
    return stream.getActualTypeArguments()[0] == ListedKey.class
        ? lines.stream().map(line -> Json.read(line, ListedKey.class))
        : lines.stream().map(line -> Json.read(line, DumpJson.class).toOperation());
  }

  private List<Result> results(HttpRequestValues request) {
    List<Result> results;
    try (LineStream lines = retries.call(false, () -> open(request, null))) {
      results = lines.stream().map(line -> Json.read(line, ResultJson.class).toResult()).toList();
    }
    if (!Objects.equals(request.getAttributes().get(Arguments.COUNT), results.size())) {
      throw NebulaStoreException.noAnswer(
          new IOException("only " + results.size() + " results"), null);
    }
    return results;
  }

  /** A response of which the head has arrived; that may take as long as a later silence. */
  private LineStream open(HttpRequestValues request, @Nullable String lastId) {
    request.getUriVariables().values().forEach(Keys::encodable);
    var opening = new FutureTask<>(() -> guarded(() -> begun(request, lastId)));
    threads.execute(opening);
    try {
      return new LineStream(
          opening.get(settings.silence().toNanos(), TimeUnit.NANOSECONDS), settings.silence());
    } catch (TimeoutException e) {
      opening.cancel(true);
      throw NebulaStoreException.noAnswer(e, null);
    } catch (InterruptedException e) {
      opening.cancel(true);
      Thread.currentThread().interrupt();
      throw NebulaStoreException.noAnswer(e, null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof NebulaStoreException failure
          ? failure
          : NebulaStoreException.noAnswer(e, e.getCause());
    }
  }

  private InputStream begun(HttpRequestValues request, @Nullable String lastId) {
    var sending = transport.within(null).newRequest(request);
    if (lastId != null) {
      sending.headers(headers -> headers.set(LAST_EVENT_ID, lastId));
    }
    return Objects.requireNonNull(
        sending.exchange(
            (sent, response) -> {
              try {
                return successful(response).getBody();
              } catch (NebulaStoreException failure) {
                response.close();
                throw failure;
              }
            },
            false));
  }

  private static ClientHttpResponse successful(ClientHttpResponse response) throws IOException {
    if (response.getStatusCode().value() >= 400) {
      throw ProblemReader.of(response);
    }
    return response;
  }

  private static <T extends @Nullable Object> T guarded(Supplier<T> exchange) {
    try {
      return exchange.get();
    } catch (ResourceAccessException e) {
      throw NebulaStoreException.noAnswer(e, e.getCause());
    }
  }

  private static boolean isRead(HttpRequestValues request) {
    return READS.contains(request.getHttpMethod());
  }

  /** Whether the key is absent. A response to HEAD has no body, so its status decides. */
  private static boolean isAbsence(HttpRequestValues request, NebulaStoreException failure) {
    return failure.code().equals("key-not-found")
        || (failure.status() == 404 && HttpMethod.HEAD.equals(request.getHttpMethod()));
  }

  /** How long the server may wait before it answers a long poll. */
  private static Duration wait(HttpRequestValues request) {
    return Optional.ofNullable(request.getHeaders().getFirst("Prefer"))
        .map(preference -> Duration.ofSeconds(Long.parseLong(preference.replace("wait=", ""))))
        .orElse(Duration.ZERO);
  }
}
