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
import tools.jackson.core.JacksonException;

/**
 * Carries out what the interface declares: sends the request, as often as it may be, and makes of
 * its answer the result that the method promises, or an exception.
 *
 * <p>Threads: immutable.
 */
final class Exchanges implements HttpExchangeAdapter {

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  /** Gives requests that end within a time; without one, whenever they end. */
  @FunctionalInterface
  interface Transport {
    RestClientAdapter within(@Nullable Duration time);
  }

  private final Transport transport;
  private final Retries retries;
  private final ClientSettings settings;

  Exchanges(Transport transport, Retries retries, ClientSettings settings) {
    this.transport = transport;
    this.retries = retries;
    this.settings = settings;
  }

  @Override
  public void exchange(HttpRequestValues request) {
    Object _ = exchange(request, response -> null);
  }

  @Override
  @SuppressWarnings("unchecked") // The result was made for the type.
  public <T> @Nullable T exchangeForBody(
      HttpRequestValues request, ParameterizedTypeReference<T> result) {
    Type type = result.getType();
    if (type == Watch.class) {
      String since = request.getHeaders().getFirst(LAST_EVENT_ID);
      return (T) retries.call(true, () -> new Watch(id -> open(request, id), retries, since));
    }
    if (type instanceof ParameterizedType list) {
      return (T) (list.getRawType() == Stream.class ? keys(request) : results(request));
    }
    try {
      return (T) exchange(request, Answers.of(type));
    } catch (NebulaStoreException failure) {
      if (isAbsence(request, failure)) {
        return (T) Answers.absent(type);
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
    request.getUriVariables().values().forEach(Json::whole);
    RestClientAdapter adapter = transport.within(settings.answerTimeout().plus(wait(request)));
    return retries.<@Nullable Object>call(
        isRead(request),
        () ->
            guarded(() ->
                adapter
                    .newRequest(request)
                    .exchange((sent, response) -> reader.read(whole(response)))));
  }

  /** The keys of a listing, while they come. */
  private Stream<ListedKey> keys(HttpRequestValues request) {
    OpenAnswer answer = retries.call(true, () -> open(request, null));
    return answer.lines().map(line -> Json.listedKey(Json.MAPPER.readTree(line)));
  }

  private List<Result> results(HttpRequestValues request) {
    List<Result> results;
    try (OpenAnswer answer = retries.call(false, () -> open(request, null))) {
      results = answer.lines().map(line -> Json.result(Json.MAPPER.readTree(line))).toList();
    }
    if (!Objects.equals(request.getAttributes().get(Arguments.COUNT), results.size())) {
      throw ProblemReader.noAnswer(new IOException("only " + results.size() + " results"), null);
    }
    return results;
  }

  /** An answer that has begun; it may take as long to begin as it may be silent later. */
  private OpenAnswer open(HttpRequestValues request, @Nullable String lastId) {
    request.getUriVariables().values().forEach(Json::whole);
    var opening = new FutureTask<>(() -> guarded(() -> begun(request, lastId)));
    Thread.startVirtualThread(opening);
    try {
      return new OpenAnswer(
          opening.get(settings.silence().toNanos(), TimeUnit.NANOSECONDS), settings.silence());
    } catch (TimeoutException e) {
      opening.cancel(true);
      throw ProblemReader.noAnswer(e, null);
    } catch (InterruptedException e) {
      opening.cancel(true);
      Thread.currentThread().interrupt();
      throw ProblemReader.noAnswer(e, null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof NebulaStoreException failure
          ? failure
          : ProblemReader.noAnswer(e, e.getCause());
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
                return whole(response).getBody();
              } catch (NebulaStoreException failure) {
                response.close();
                throw failure;
              }
            },
            false));
  }

  /** The response, if it is one of success. */
  private static ClientHttpResponse whole(ClientHttpResponse response) throws IOException {
    if (response.getStatusCode().value() >= 400) {
      throw ProblemReader.of(response);
    }
    return response;
  }

  private static <T extends @Nullable Object> T guarded(Supplier<T> exchange) {
    try {
      return exchange.get();
    } catch (ResourceAccessException e) {
      throw ProblemReader.noAnswer(e, e.getCause());
    } catch (JacksonException e) {
      throw ProblemReader.noAnswer(e, null);
    }
  }

  private static boolean isRead(HttpRequestValues request) {
    return READS.contains(request.getHttpMethod());
  }

  /** By its code the server tells that only the key is absent; what answers HEAD has no code. */
  private static boolean isAbsence(HttpRequestValues request, NebulaStoreException failure) {
    return failure.code().equals("key-not-found")
        || (failure.status() == 404 && HttpMethod.HEAD.equals(request.getHttpMethod()));
  }

  /** The server takes its time for a long poll. */
  private static Duration wait(HttpRequestValues request) {
    return Optional.ofNullable(request.getHeaders().getFirst("Prefer"))
        .map(preference -> Duration.ofSeconds(Long.parseLong(preference.replace("wait=", ""))))
        .orElse(Duration.ZERO);
  }
}
