package dev.nebulastore.client;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * The HTTP client of one server, and the proxy that Spring makes for it.
 *
 * <p>Threads: immutable.
 */
final class Connection {

  private final ClientSettings settings;
  private final HttpClient http;
  private final Executor threads;
  private final RestClient rest;
  private final Retries retries;

  Connection(String url, ClientSettings settings) {
    this(url, settings, Pause.REAL, RandomGenerator.getDefault());
  }

  Connection(String url, ClientSettings settings, Pause pause, RandomGenerator jitter) {
    this.settings = settings;
    threads = Executors.newCachedThreadPool(Connection::daemon);
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.connectTimeout())
            .executor(threads)
            .build();
    rest =
        RestClient.builder()
            .baseUrl(url.replaceAll("/+$", ""))
            .requestFactory(factory(settings.answerTimeout()))
            .build();
    retries = new Retries(settings, pause, jitter);
  }

  /** Returns an implementation of the interface, which is {@code NebulaStore}. */
  <T> T open(Class<T> type) {
    return HttpServiceProxyFactory.builder()
        .exchangeAdapter(new Exchanges(this::within, threads, retries, settings))
        .customArgumentResolver(new Arguments())
        .conversionService(Arguments.conversions())
        .build()
        .createClient(type);
  }

  /** Threads that end after a minute without work, and never keep a program from ending. */
  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "nebulastore-client");
    thread.setDaemon(true);
    return thread;
  }

  private RestClientAdapter within(@Nullable Duration time) {
    return RestClientAdapter.create(
        settings.answerTimeout().equals(time)
            ? rest
            : rest.mutate().requestFactory(factory(time)).build());
  }

  private JdkClientHttpRequestFactory factory(@Nullable Duration time) {
    var factory = new JdkClientHttpRequestFactory(http);
    if (time != null) {
      factory.setReadTimeout(time);
    }
    return factory;
  }
}
