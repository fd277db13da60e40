package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Clients that disconnect while their request waits. No heartbeat detects this. */
@ServerTest
@TestPropertySource(properties = {"nebula.watch.heartbeat=10m", "nebula.watch.max-subscribers=2"})
class DepartedClientsTests {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String WATCH = RawHttp.head("GET", "/watch?prefix=departed") + "\r\n";
  private static final String POLL =
      RawHttp.head("GET", "/kv/departed", "Prefer: wait=600") + "\r\n";

  private final int port;
  private final WatchHub hub;
  private final List<RawHttp> open = new ArrayList<>();

  DepartedClientsTests(@LocalServerPort int port, WatchHub hub) {
    this.port = port;
    this.hub = hub;
  }

  @BeforeEach
  void nobodyWatches() {
    awaitWatchers(0);
  }

  @AfterEach
  void hangUp() {
    open.forEach(RawHttp::close);
    ask("DELETE", "/kv/departed");
  }

  private void awaitWatchers(int count) {
    await().atMost(SOON).until(() -> hub.subscribers() == count);
  }

  /** A client whose request is waiting. */
  private RawHttp waiting(String request) {
    int before = hub.subscribers();
    RawHttp http = new RawHttp(port);
    open.add(http);
    http.send(RawHttp.bytes(request));
    awaitWatchers(before + 1);
    return http;
  }

  private Response ask(String method, String target) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask(method, target);
    }
  }

  private void put() {
    try (RawHttp own = new RawHttp(port)) {
      assertThat(own.ask("PUT", "/kv/departed", RawHttp.bytes("a value")).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/watch?key=departed", "/kv/departed"})
  void closedConnectionFreesItsPermit(String target) {
    RawHttp client = waiting(RawHttp.head("GET", target, "Prefer: wait=600") + "\r\n");
    client.close();
    awaitWatchers(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/watch?key=departed", "/kv/departed"})
  void resetConnectionFreesItsPermit(String target) {
    RawHttp client = waiting(RawHttp.head("GET", target, "Prefer: wait=600") + "\r\n");
    client.reset();
    awaitWatchers(0);
  }

  @Test
  void freedPermitIsUsedAgain() {
    RawHttp first = waiting(WATCH);
    waiting(POLL);
    ProblemJson.of(ask("GET", "/watch?key=a"), 503, Problem.TOO_MANY_WATCHERS);
    first.close();
    awaitWatchers(1);
    waiting(WATCH);
  }

  @Test
  void pipelinedRequestsAreAnsweredAfterTheWait() {
    RawHttp client = waiting(POLL);
    String next = RawHttp.head("GET", "/kv/departed-not") + "\r\n";
    client.send(RawHttp.bytes(next.substring(0, 10)));
    client.send(RawHttp.bytes(next.substring(10) + next));
    put();
    assertThat(client.answerTo("GET").text()).isEqualTo("a value");
    assertThat(client.answerTo("GET").status()).isEqualTo(404);
    assertThat(client.answerTo("GET").status()).isEqualTo(404);
    awaitWatchers(0);
  }

  @Test
  void pipelineMayExceedTheBuffer() {
    RawHttp client = waiting(POLL);
    String next = RawHttp.head("GET", "/kv/departed-not", "X: " + "x".repeat(500)) + "\r\n";
    client.send(RawHttp.bytes(next.repeat(20)));
    put();
    assertThat(client.answerTo("GET").text()).isEqualTo("a value");
    for (int i = 0; i < 20; i++) {
      assertThat(client.answerTo("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void closeBehindAPipelinedRequestFreesThePermit() {
    RawHttp client = waiting(POLL);
    client.send(RawHttp.bytes(RawHttp.head("GET", "/kv/departed-not") + "\r\n"));
    client.close();
    awaitWatchers(0);
  }

  /** The client might still be reading, which the server can't detect. */
  @ParameterizedTest
  @CsvSource({"/kv/departed, HTTP/1.1 404", "/watch?key=departed, HTTP/1.1 200"})
  void halfClosedConnectionIsAnsweredAtOnce(String target, String status) {
    RawHttp client = waiting(RawHttp.head("GET", target, "Prefer: wait=600") + "\r\n");
    String answer = new String(client.sendEnd().rest(), ISO_8859_1);
    assertThat(answer).startsWith(status);
    assertThat(answer).endsWith(target.startsWith("/watch") ? "\r\n0\r\n\r\n" : "}");
  }

  @Test
  void connectionIsReusedAfterALongPoll() {
    RawHttp client = waiting(POLL);
    put();
    assertThat(client.answerTo("GET").status()).isEqualTo(200);
    for (int i = 0; i < 3; i++) {
      ask("DELETE", "/kv/departed");
      client.send(RawHttp.bytes(POLL));
      awaitWatchers(1);
      put();
      assertThat(client.answerTo("GET").text()).isEqualTo("a value");
    }
    ask("DELETE", "/kv/departed");
    client.send(RawHttp.bytes(POLL));
    awaitWatchers(1);
    client.close();
    awaitWatchers(0);
  }
}
