package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server with a low limit of connections, and more clients than that. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.connections=16",
      "nebula.limits.requests=64",
      "nebula.watch.max-subscribers=64",
      "nebula.watch.heartbeat=10m"
    })
class IdleConnectionsTests {

  private static final int CONNECTIONS = 16;
  private static final int MAX_TRIES = 5_000;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String COMMON = "User-Agent: a client";
  private static final String UNCOMMON = "Uncommon: it goes through Tomcat";

  private final int port;
  private final Admission admission;
  private final List<RawHttp> open = new ArrayList<>();

  IdleConnectionsTests(@LocalServerPort int port, Admission admission) {
    this.port = port;
    this.admission = admission;
  }

  @BeforeEach
  void nothingIsServed() {
    await().atMost(SOON).until(() -> admission.requests() == 0);
  }

  @AfterEach
  void hangUp() {
    open.forEach(RawHttp::close);
  }

  private RawHttp connect() {
    RawHttp http = new RawHttp(port);
    open.add(http);
    return http;
  }

  private static int get(RawHttp http, String... headers) {
    return http.ask("GET", "/kv/idle", headers).status();
  }

  private int getAnew() {
    try (RawHttp own = new RawHttp(port)) {
      return get(own);
    }
  }

  @Test
  void silentConnectionsMakeRoom() {
    RawHttp fast = connect();
    RawHttp tomcat = connect();
    long refused = admission.refused();
    for (int i = 0; i < 10 * CONNECTIONS; i++) {
      connect();
      assertThat(get(fast)).isEqualTo(404);
      assertThat(get(tomcat, UNCOMMON)).isEqualTo(404);
      assertThat(getAnew()).isEqualTo(404);
    }
    assertThat(admission.refused()).isEqualTo(refused);
    assertThat(admission.evicted()).isGreaterThan(9 * CONNECTIONS);
    // The first connection that was silent.
    assertThat(open.get(2).rest()).isEmpty();
  }

  @Test
  void longestIdleIsClosedOnBothWays() {
    List<RawHttp> idle = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      idle.add(connect());
      assertThat(i % 2 == 0 ? get(idle.get(i)) : get(idle.get(i), UNCOMMON)).isEqualTo(404);
    }
    assertThat(get(idle.get(0))).isEqualTo(404);
    assertThat(get(idle.get(1), UNCOMMON)).isEqualTo(404);
    for (int i = 0; i < 8; i++) {
      assertThat(get(connect())).isEqualTo(404);
    }
    // Tomcat's timestamps are in milliseconds, in which several requests may have been served.
    for (int i = 3; i < 6; i++) {
      assertThat(idle.get(i).rest()).as("bytes on connection %s", i).isEmpty();
    }
    assertThat(get(idle.get(0))).isEqualTo(404);
    assertThat(get(idle.get(1), UNCOMMON)).isEqualTo(404);
  }

  private List<RawHttp> watchOnAll() {
    List<RawHttp> watching = new ArrayList<>();
    while (watching.size() < CONNECTIONS) {
      String request = RawHttp.head("GET", "/watch?key=idle") + "\r\n";
      watching.add(connect().send(RawHttp.bytes(request)));
      await().atMost(SOON).until(() -> admission.requests() == watching.size());
    }
    return watching;
  }

  @Test
  void newConnectionIsRefusedWhenAllAreBusy() {
    List<RawHttp> watching = watchOnAll();
    try (RawHttp own = new RawHttp(port)) {
      Response answer = own.ask("GET", "/kv/idle");
      ProblemJson problem = ProblemJson.of(answer, 503, Problem.OVERLOADED);
      assertThat(problem.member("applied")).isEqualTo("no");
      assertThat(problem.member("detail"))
          .contains("The limit of 16 open connections", "`nebula.limits.connections`");
      assertThat(answer.header("Retry-After")).hasValue("1");
      assertThat(own.rest()).isEmpty();
    }
    assertThat(admission.requests()).isEqualTo(CONNECTIONS);
    watching.getFirst().close();
    await().atMost(SOON).until(() -> getAnew() == 404);
    // The response arrives before the permit is released.
    await().atMost(SOON).until(() -> admission.requests() == CONNECTIONS - 1);
  }

  @Test
  void connectionBeyondTheLimitIsServedLater() {
    List<RawHttp> watching = watchOnAll();
    RawHttp silent = connect();
    watching.getFirst().close();
    await().atMost(SOON).until(() -> admission.requests() < CONNECTIONS);
    assertThat(get(silent)).isEqualTo(404);
    assertThat(get(silent)).isEqualTo(404);
  }

  @Test
  void connectionsWithHalfAHeadMakeRoom() {
    for (int i = 1; i <= CONNECTIONS; i++) {
      connect().send(RawHttp.bytes(RawHttp.head("GET", "/kv/idle")));
      int begun = i;
      await().atMost(SOON).until(() -> admission.requests() == begun);
    }
    assertThat(getAnew()).isEqualTo(404);
    assertThat(open.getFirst().rest()).isEmpty();
  }

  /** They count as idle from the start of their heads, no matter how often more bytes arrive. */
  @Test
  void tricklingHeadsMakeRoom() {
    List<RawHttp> slow = new ArrayList<>();
    RawHttp established = connect();
    assertThat(get(established)).isEqualTo(404);
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
      slow.add(connect().send(RawHttp.bytes(RawHttp.head("GET", "/kv/idle"))));
      assertThat(get(established, i % 2 == 0 ? COMMON : UNCOMMON)).isEqualTo(404);
      slow.forEach(http -> http.send(RawHttp.bytes("Slow: header\r\n")));
      assertThat(getAnew()).isEqualTo(404);
    }
    assertThat(slow.getFirst().rest()).isEmpty();
  }

  @Test
  void incompleteBodyStaysWhileOthersAreIdle() {
    String head = RawHttp.head("PUT", "/kv/idle-body") + "Content-Length: 2\r\n";
    RawHttp fast = connect().send(RawHttp.bytes(head + "\r\na"));
    RawHttp tomcat = connect().send(RawHttp.bytes(head + UNCOMMON + "\r\n\r\na"));
    await().atMost(SOON).until(() -> admission.requests() == 2);
    for (int i = 0; i < 4 * CONNECTIONS; i++) {
      connect();
      assertThat(getAnew()).isEqualTo(404);
      // The response arrives before its connection counts as idle.
      await().atMost(SOON).until(() -> admission.requests() == 2);
    }
    assertThat(fast.send(RawHttp.bytes("b")).answerTo("PUT").status()).isEqualTo(201);
    assertThat(tomcat.send(RawHttp.bytes("b")).answerTo("PUT").status()).isEqualTo(204);
    assertThat(fast.ask("DELETE", "/kv/idle-body").status()).isEqualTo(204);
  }

  /** A connection may be closed at any time, but not after its request was started. */
  @ParameterizedTest
  @CsvSource({"32, 100", "100, 30"})
  void requestsAreAnsweredOrNotBegun(int count, int writes) throws Exception {
    List<Callable<Integer>> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = "/kv/idle-race-%d-%d".formatted(count, i);
      String header = i % 2 == 0 ? COMMON : UNCOMMON;
      clients.add(() -> write(key, header, writes));
    }
    int cut = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (Future<Integer> client : threads.invokeAll(clients)) {
        cut += client.get();
      }
    }
    assertThat(cut).as("connections closed while a client used them").isPositive();
  }

  /** Writes increasing numbers, and reads the number again whenever its connection was closed. */
  private int write(String key, String header, int writes) {
    int cut = 0;
    RawHttp http = new RawHttp(port);
    for (int i = 0; i < writes; ) {
      try {
        Response answer = http.ask("PUT", key, RawHttp.bytes("" + i), header);
        if (answer.status() != 503) {
          assertThat(answer.status()).isEqualTo(i == 0 ? 201 : 204);
          i++;
          continue;
        }
        assertThat(answer.header("Retry-After")).hasValue("1");
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).isNotInstanceOf(SocketTimeoutException.class);
        cut++;
        assertThat(cut).as("disconnects of one client").isLessThan(MAX_TRIES);
      }
      assertThat(read(key)).as("the last acknowledged value").isEqualTo(i == 0 ? "" : "" + (i - 1));
      http.close();
      http = new RawHttp(port);
    }
    http.close();
    return cut;
  }

  private String read(String key) {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      try (RawHttp own = new RawHttp(port)) {
        Response answer = own.ask("GET", key);
        if (answer.status() != 503) {
          return answer.status() == 404 ? "" : answer.text();
        }
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).isNotInstanceOf(SocketTimeoutException.class);
      }
    }
    throw new AssertionError("never answered");
  }
}
