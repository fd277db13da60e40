package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nebulastore.client.NebulaStoreException.Applied;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the client repeats a request, after which pause, and when it must not. */
class RetriesTests {

  private static final ClientSettings SETTINGS =
      ClientSettings.defaults()
          .withAttempts(4, Duration.ofMillis(100), Duration.ofSeconds(10))
          .withAnswerTimeout(Duration.ofSeconds(20));
  private static final String NOT_APPLIED = ",\"applied\":\"no\"";

  private final List<Duration> rests = new ArrayList<>();

  private NebulaStore client(String url, ClientSettings settings) {
    return new Connection(url, settings, rests::add, new Random(1)).open(NebulaStore.class);
  }

  private NebulaStore client(FakeServer server) {
    return client(server.url(), SETTINGS);
  }

  @Test
  void unappliedWritesAreRepeatedAfterRetryAfter() throws IOException {
    try (var server =
        new FakeServer(
            FakeServer.problem(503, "mailbox-full", NOT_APPLIED, "2"),
            FakeServer.problem(429, "mailbox-full", NOT_APPLIED, "1"),
            FakeServer.created())) {
      Written written = client(server).put("k", Value.text("v"));

      assertThat(written.created()).isTrue();
      assertThat(server.requests()).containsExactly("PUT /kv/k", "PUT /kv/k", "PUT /kv/k");
      assertThat(rests).hasSize(2);
      assertThat(rests.get(0)).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_500));
      assertThat(rests.get(1)).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_250));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "504, outcome-unknown, unknown, UNKNOWN",
    "503, store-unavailable, unknown, UNKNOWN",
    "503, service-unavailable, , UNKNOWN",
    "507, store-full, no, NO",
    "500, corrupt, no, NO",
    "412, precondition-failed, , NO",
    "404, not-found, , NO"
  })
  void otherFailedWritesAreNotRepeated(int status, String code, String said, Applied applied)
      throws IOException {
    String more = said == null ? "" : ",\"applied\":\"" + said + "\"";
    try (var server =
        new FakeServer(FakeServer.problem(status, code, more), FakeServer.created())) {
      var failure = failureOf(() -> client(server).put("k", Value.text("v")));

      assertThat(failure.code()).isEqualTo(code);
      assertThat(failure.status()).isEqualTo(status);
      assertThat(failure.applied()).isEqualTo(applied);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void readsAreRepeatedWithGrowingPauses() throws IOException {
    FakeServer.Answer unavailable =
        FakeServer.problem(504, "outcome-unknown", ",\"applied\":\"unknown\"");
    try (var server =
        new FakeServer(unavailable, unavailable, unavailable, FakeServer.value("v"))) {
      assertThat(client(server).get("k").orElseThrow().text()).isEqualTo("v");
      assertThat(rests).hasSize(3);
      assertThat(rests.get(0)).isBetween(Duration.ofMillis(100), Duration.ofMillis(125));
      assertThat(rests.get(1)).isBetween(Duration.ofMillis(200), Duration.ofMillis(250));
      assertThat(rests.get(2)).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
    }
    try (var server =
        new FakeServer(unavailable, unavailable, unavailable, unavailable, FakeServer.value("v"))) {
      assertThat(failureOf(() -> client(server).get("k")).code()).isEqualTo("outcome-unknown");
      assertThat(server.requests()).hasSize(4);
    }
  }

  @Test
  void longPausesAreLeftToTheCaller() throws IOException {
    try (var server =
        new FakeServer(
            FakeServer.problem(503, "shard-set-aside", NOT_APPLIED + ",\"shard\":3", "11"),
            FakeServer.value("v"))) {
      var failure = failureOf(() -> client(server).get("k"));

      assertThat(failure.retryAfter()).contains(Duration.ofSeconds(11));
      assertThat(failure.shard()).contains(3);
      assertThat(rests).isEmpty();
    }
  }

  @Test
  void onlyReadsAreRepeatedWithoutAnAnswer() throws IOException {
    try (var server = new FakeServer(exchange -> exchange.close(), FakeServer.value("v"))) {
      assertThat(client(server).get("k").orElseThrow().text()).isEqualTo("v");
    }
    try (var server = new FakeServer(exchange -> exchange.close(), FakeServer.created())) {
      var failure = failureOf(() -> client(server).put("k", Value.text("v")));
      assertThat(failure.code()).isEqualTo(NebulaStoreException.NO_ANSWER);
      assertThat(failure.applied()).isEqualTo(Applied.UNKNOWN);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void incompleteValuesAreReadAgain() throws IOException {
    try (var server =
        new FakeServer(
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              exchange.getResponseHeaders().set("Content-Type", "text/plain");
              exchange.sendResponseHeaders(200, 1_000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
            },
            FakeServer.value("whole"))) {
      assertThat(client(server).get("k").orElseThrow().text()).isEqualTo("whole");
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void unsentWritesAreRepeated() throws IOException {
    int port;
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    NebulaStore client = client("http://127.0.0.1:" + port, SETTINGS);

    var failure = failureOf(() -> client.put("k", Value.text("v")));

    assertThat(failure.code()).isEqualTo(NebulaStoreException.NO_CONNECTION);
    assertThat(failure.applied()).isEqualTo(Applied.NO);
    assertThat(rests).hasSize(3);
  }

  @Test
  void slowAnswersTimeOut() throws IOException {
    var end = new CountDownLatch(1);
    try (var server =
        new FakeServer(exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          FakeServer.quietly(end);
        })) {
      ClientSettings hasty =
          SETTINGS
              .withAttempts(1, Duration.ofMillis(1), Duration.ofMillis(1))
              .withAnswerTimeout(Duration.ofMillis(200));
      assertThat(failureOf(() -> client(server.url(), hasty).get("k")).code())
          .isEqualTo(NebulaStoreException.NO_ANSWER);
      end.countDown();
    }
  }

  @Test
  void answersOfProxiesAreNotTakenForProblems() throws IOException {
    try (var server = new FakeServer(FakeServer.page(404), FakeServer.page(400))) {
      var failure = failureOf(() -> client(server).get("k"));
      assertThat(failure.code()).isEqualTo("http-404");
      failure = failureOf(() -> client(server).delete("k"));
      assertThat(failure.applied()).isEqualTo(Applied.UNKNOWN);
    }
  }

  @Test
  void interruptsEndTheAttempts() throws IOException {
    try (var server =
        new FakeServer(
            FakeServer.problem(503, "mailbox-full", NOT_APPLIED), FakeServer.created())) {
      NebulaStore client =
          new Connection(
                  server.url(),
                  SETTINGS,
                  rest -> {
                    throw new InterruptedException();
                  },
                  new Random(1))
              .open(NebulaStore.class);
      assertThat(failureOf(() -> client.put("k", Value.text("v"))).code())
          .isEqualTo("mailbox-full");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(server.requests()).hasSize(1);
    }
  }

  private static NebulaStoreException failureOf(Runnable operation) {
    return catchThrowableOfType(NebulaStoreException.class, operation::run);
  }
}
