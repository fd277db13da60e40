package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.watch.WatchHub;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The limits of a server hold for each stream of HTTP/2, and for its connections. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.connections=16",
      "nebula.limits.requests=16",
      "nebula.limits.streams=128",
      "nebula.watch.max-subscribers=16",
      "nebula.watch.heartbeat=10m"
    })
class StreamsTests {

  private static final TlsKey KEY = TlsKey.make();
  private static final int REQUESTS = 16;
  private static final int CONNECTIONS = 16;

  /** An eighth of the streams. */
  private static final int BODIES = 16;

  private static final Duration SOON = Duration.ofSeconds(30);

  private final int port;
  private final Admission admission;
  private final WatchHub hub;
  private final SSLContext tls;
  private final List<HttpClient> clients = new ArrayList<>();

  StreamsTests(@LocalServerPort int port, Admission admission, WatchHub hub)
      throws GeneralSecurityException, IOException {
    this.port = port;
    this.admission = admission;
    this.hub = hub;
    this.tls = KEY.trusting();
  }

  @DynamicPropertySource
  static void encrypted(DynamicPropertyRegistry registry) {
    registry.add("server.ssl.key-store", KEY::store);
    registry.add("server.ssl.key-store-password", () -> TlsKey.PASSWORD);
  }

  @BeforeEach
  void nothingIsServed() {
    await().atMost(SOON).until(() -> admission.requests() == 0 && hub.subscribers() == 0);
  }

  @AfterEach
  void hangUp() {
    clients.forEach(HttpClient::shutdownNow);
  }

  /** A client with a connection of its own. */
  private HttpClient client() {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(tls)
            .version(Version.HTTP_2)
            .connectTimeout(SOON)
            .build();
    clients.add(client);
    return client;
  }

  private HttpRequest.Builder to(String target) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + port + target)).timeout(SOON);
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(HttpClient client, String target) {
    return send(client, to(target).build());
  }

  private CompletableFuture<HttpResponse<InputStream>> watch(HttpClient client) {
    return client.sendAsync(to("/watch?prefix=streams").build(), BodyHandlers.ofInputStream());
  }

  /** A PUT of whose body only one byte is sent. */
  private CompletableFuture<HttpResponse<String>> putSlowly(HttpClient client) {
    Flow.Publisher<ByteBuffer> body =
        subscriber ->
            subscriber.onSubscribe(
                new Flow.Subscription() {
                  private final AtomicBoolean sent = new AtomicBoolean();

                  @Override
                  public void request(long count) {
                    if (!sent.getAndSet(true)) {
                      subscriber.onNext(ByteBuffer.allocate(1));
                    }
                  }

                  @Override
                  public void cancel() {}
                });
    return client.sendAsync(
        to("/kv/streams/slow").PUT(BodyPublishers.fromPublisher(body)).build(),
        BodyHandlers.ofString());
  }

  private static ProblemJson assertProblem(
      HttpResponse<String> answer, int status, Problem problem) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.version()).isEqualTo(Version.HTTP_2);
    return ProblemJson.of(answer.body().getBytes(UTF_8), status, problem);
  }

  @Test
  void keysAreServed() {
    HttpClient client = client();
    byte[] value = "é%/".repeat(100_000).getBytes(UTF_8);
    HttpResponse<String> put =
        send(client, to("/kv/streams/a%2Fb").PUT(BodyPublishers.ofByteArray(value)).build());
    assertThat(put.statusCode()).isIn(201, 204);
    assertThat(put.version()).isEqualTo(Version.HTTP_2);
    HttpResponse<String> get = get(client, "/kv/streams/a%2Fb");
    assertThat(get.body().getBytes(UTF_8)).isEqualTo(value);
    assertThat(get.headers().firstValue("etag")).isEqualTo(put.headers().firstValue("etag"));
    assertProblem(get(client, "/kv/streams/none"), 404, Problem.KEY_NOT_FOUND);
  }

  @Test
  void eachStreamIsARequest() {
    HttpClient client = client();
    var slow = IntStream.range(0, 10).mapToObj(_ -> putSlowly(client)).toList();
    await().atMost(SOON).until(() -> admission.requests() == 10);
    slow.forEach(put -> put.cancel(true));
    await().atMost(SOON).until(() -> admission.requests() == 0);
  }

  @Test
  void requestsBeyondTheLimitAreRefused() {
    HttpClient client = client();
    var watchers = IntStream.range(0, REQUESTS).mapToObj(_ -> watch(client)).toList();
    await().atMost(SOON).until(() -> hub.subscribers() == REQUESTS);
    byte[] value = new byte[1 << 20];
    for (int i = 0; i < 3; i++) {
      assertProblem(get(client, "/kv/streams/a"), 503, Problem.OVERLOADED);
      assertProblem(
          send(client, to("/kv/streams/a").PUT(BodyPublishers.ofByteArray(value)).build()),
          503,
          Problem.OVERLOADED);
    }
    assertThat(
            send(client, to("/kv/a").method("HEAD", BodyPublishers.noBody()).build()).statusCode())
        .isEqualTo(503);
    assertThat(get(client, "/actuator/health/liveness").statusCode()).isEqualTo(200);
    watchers.forEach(watch -> watch.cancel(true));
  }

  /** Also if the connection stays open. */
  @Test
  void resetStreamsGiveTheirPlacesBack() throws Exception {
    HttpClient client = client();
    for (int i = 0; i < 20; i++) {
      HttpResponse<InputStream> watching = watch(client).get();
      assertThat(hub.subscribers()).isEqualTo(1);
      watching.body().close();
      await().atMost(SOON).until(() -> hub.subscribers() == 0 && admission.requests() == 0);
      assertThat(get(client, "/kv/streams/none").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void slowSendersMakeRoom() {
    HttpClient client = client();
    List<CompletableFuture<HttpResponse<String>>> slow = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      slow.add(putSlowly(client));
      int begun = i + 1;
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(admission.requests()).as("%s", slow).isEqualTo(begun));
    }
    assertThat(get(client, "/kv/streams/none").statusCode()).isEqualTo(404);
    assertThatThrownBy(() -> slow.getFirst().get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    assertThat(slow.getLast()).isNotDone();
  }

  /** Each refused body is dropped, and its stream gets a status. */
  @Test
  void bodiesBeyondTheLimitAreRefused() {
    HttpClient client = client();
    assertThat(get(client, "/kv/streams/none").statusCode()).isEqualTo(404);
    var slow = IntStream.range(0, BODIES).mapToObj(_ -> putSlowly(client)).toList();
    byte[] value = new byte[200_000];
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    assertProblem(
                            send(
                                client,
                                to("/kv/streams/a").PUT(BodyPublishers.ofByteArray(value)).build()),
                            503,
                            Problem.OVERLOADED)
                        .member("detail"))
                .contains("16", "nebula.limits.streams"));
    assertThat(get(client, "/kv/streams/none").statusCode()).isEqualTo(404);
    slow.forEach(put -> put.cancel(true));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    send(client, to("/kv/streams/a").PUT(BodyPublishers.ofByteArray(value)).build())
                        .statusCode())
                .isIn(201, 204));
  }

  @Test
  void idleConnectionsMakeRoom() throws Exception {
    HttpResponse<InputStream> watching = watch(client()).get();
    long before = admission.evicted();
    for (int i = 0; i < 3 * CONNECTIONS; i++) {
      assertThat(get(client(), "/kv/streams/none").statusCode()).isEqualTo(404);
    }
    assertThat(admission.evicted() - before).isGreaterThan(CONNECTIONS);
    assertThat(hub.subscribers()).isEqualTo(1);
    watching.body().close();
  }

  /** Those beyond the limit are refused; the client repeats them, and gives up at some time. */
  @Test
  void manyStreamsAtOnceAreAnsweredOrRefused() {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      HttpClient client = client();
      // Opens the connection.
      assertThat(get(client, "/kv/streams/none").statusCode()).isIn(404, 503);
      for (int k = 0; k < 90; k++) {
        answers.add(client.sendAsync(to("/kv/streams/none").build(), BodyHandlers.ofString()));
      }
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      try {
        assertThat(answer.join().statusCode()).isIn(404, 503);
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(IOException.class);
      }
    }
    await().atMost(SOON).until(() -> admission.requests() == 0);
    assertThat(get(client(), "/kv/streams/none").statusCode()).isEqualTo(404);
  }
}
