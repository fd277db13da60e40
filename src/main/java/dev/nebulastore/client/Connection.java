package dev.nebulastore.client;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * One server and the pool of connections to it, from which Spring makes the client.
 *
 * <p>Threads: immutable.
 */
final class Connection {

  private final ClientSettings settings;
  private final HttpClient http;
  private final RestClient rest;
  private final Retries retries;

  Connection(String url, ClientSettings settings) {
    this(url, settings, Pause.REAL, RandomGenerator.getDefault());
  }

  Connection(String url, ClientSettings settings, Pause pause, RandomGenerator jitter) {
    this.settings = settings;
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.connectTimeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    rest =
        RestClient.builder()
            .baseUrl(url.replaceAll("/+$", ""))
            .requestFactory(factory(settings.answerTimeout()))
            .build();
    retries = new Retries(settings, pause, jitter);
  }

  NebulaStore open() {
    return HttpServiceProxyFactory.builder()
        .exchangeAdapter(new Exchanges(this::within, retries, settings))
        .customArgumentResolver(new Arguments())
        .conversionService(Arguments.conversions())
        .build()
        .createClient(NebulaStore.class);
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
