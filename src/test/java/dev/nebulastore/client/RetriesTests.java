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

/** When the client asks again, how long it rests before that, and when it must not. */
class RetriesTests {

  private static final ClientSettings SETTINGS =
      ClientSettings.defaults()
          .withAttempts(4, Duration.ofMillis(100), Duration.ofSeconds(10))
          .withAnswerTimeout(Duration.ofSeconds(20));
  private static final String NOT_APPLIED = ",\"applied\":\"no\"";

  private final List<Duration> rests = new ArrayList<>();

  private NebulaStore client(String url, ClientSettings settings) {
    return new Connection(url, settings, rests::add, new Random(1)).open();
  }

  private NebulaStore client(Script script) {
    return client(script.url(), SETTINGS);
  }

  @Test
  void aWriteThatWasNotAppliedIsSentAgainAfterThePauseThatTheServerNames() throws IOException {
    try (var script =
        new Script(
            Script.problem(503, "mailbox-full", NOT_APPLIED, "2"),
            Script.problem(429, "mailbox-full", NOT_APPLIED, "1"),
            Script.created())) {
      Written written = client(script).put("k", Value.text("v"));

      assertThat(written.created()).isTrue();
      assertThat(script.asked()).containsExactly("PUT /kv/k", "PUT /kv/k", "PUT /kv/k");
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
  void aWriteIsNotSentAgainWhereItMayHaveHappenedOrWillNot(
      int status, String code, String said, Applied applied) throws IOException {
    String more = said == null ? "" : ",\"applied\":\"" + said + "\"";
    try (var script = new Script(Script.problem(status, code, more), Script.created())) {
      var failure = failureOf(() -> client(script).put("k", Value.text("v")));

      assertThat(failure.code()).isEqualTo(code);
      assertThat(failure.status()).isEqualTo(status);
      assertThat(failure.applied()).isEqualTo(applied);
      assertThat(script.asked()).hasSize(1);
    }
  }

  @Test
  void aReadIsRepeatedWithGrowingPausesAndABoundOnAttempts() throws IOException {
    Script.Answer unavailable = Script.problem(504, "outcome-unknown", ",\"applied\":\"unknown\"");
    try (var script = new Script(unavailable, unavailable, unavailable, Script.value("v"))) {
      assertThat(client(script).get("k").orElseThrow().text()).isEqualTo("v");
      assertThat(rests).hasSize(3);
      assertThat(rests.get(0)).isBetween(Duration.ofMillis(100), Duration.ofMillis(125));
      assertThat(rests.get(1)).isBetween(Duration.ofMillis(200), Duration.ofMillis(250));
      assertThat(rests.get(2)).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
    }
    try (var script =
        new Script(unavailable, unavailable, unavailable, unavailable, Script.value("v"))) {
      assertThat(failureOf(() -> client(script).get("k")).code()).isEqualTo("outcome-unknown");
      assertThat(script.asked()).hasSize(4);
    }
  }

  @Test
  void aPauseThatIsTooLongIsLeftToTheCaller() throws IOException {
    try (var script =
        new Script(
            Script.problem(503, "shard-set-aside", NOT_APPLIED + ",\"shard\":3", "11"),
            Script.value("v"))) {
      var failure = failureOf(() -> client(script).get("k"));

      assertThat(failure.retryAfter()).contains(Duration.ofSeconds(11));
      assertThat(failure.shard()).contains(3);
      assertThat(rests).isEmpty();
    }
  }

  @Test
  void aReadIsRepeatedWhereTheAnswerDidNotComeAndAWriteIsNot() throws IOException {
    try (var script = new Script(exchange -> exchange.close(), Script.value("v"))) {
      assertThat(client(script).get("k").orElseThrow().text()).isEqualTo("v");
    }
    try (var script = new Script(exchange -> exchange.close(), Script.created())) {
      var failure = failureOf(() -> client(script).put("k", Value.text("v")));
      assertThat(failure.code()).isEqualTo(NebulaStoreException.NO_ANSWER);
      assertThat(failure.applied()).isEqualTo(Applied.UNKNOWN);
      assertThat(script.asked()).hasSize(1);
    }
  }

  @Test
  void aValueThatBreaksOffIsNoValue() throws IOException {
    try (var script =
        new Script(
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              exchange.getResponseHeaders().set("Content-Type", "text/plain");
              exchange.sendResponseHeaders(200, 1_000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
            },
            Script.value("whole"))) {
      assertThat(client(script).get("k").orElseThrow().text()).isEqualTo("whole");
      assertThat(script.asked()).hasSize(2);
    }
  }

  @Test
  void aWriteThatFoundNoServerIsRepeated() throws IOException {
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
  void anAnswerThatTakesTooLongIsNone() throws IOException {
    var end = new CountDownLatch(1);
    try (var script =
        new Script(exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          Script.quietly(end);
        })) {
      ClientSettings hasty =
          SETTINGS
              .withAttempts(1, Duration.ofMillis(1), Duration.ofMillis(1))
              .withAnswerTimeout(Duration.ofMillis(200));
      assertThat(failureOf(() -> client(script.url(), hasty).get("k")).code())
          .isEqualTo(NebulaStoreException.NO_ANSWER);
      end.countDown();
    }
  }

  @Test
  void whatIsNoProblemDetailIsNotTakenForTheServersWord() throws IOException {
    try (var script = new Script(Script.page(404), Script.page(400))) {
      var failure = failureOf(() -> client(script).get("k"));
      assertThat(failure.code()).isEqualTo("http-404");
      failure = failureOf(() -> client(script).delete("k"));
      assertThat(failure.applied()).isEqualTo(Applied.UNKNOWN);
    }
  }

  @Test
  void anInterruptEndsTheAttempts() throws IOException {
    try (var script =
        new Script(Script.problem(503, "mailbox-full", NOT_APPLIED), Script.created())) {
      NebulaStore client =
          new Connection(
                  script.url(),
                  SETTINGS,
                  rest -> {
                    throw new InterruptedException();
                  },
                  new Random(1))
              .open();
      assertThat(failureOf(() -> client.put("k", Value.text("v"))).code())
          .isEqualTo("mailbox-full");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(script.asked()).hasSize(1);
    }
  }

  private static NebulaStoreException failureOf(Runnable operation) {
    return catchThrowableOfType(NebulaStoreException.class, operation::run);
  }
}
