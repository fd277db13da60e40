package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.http.Admission;
import dev.nebulastore.watch.WatchHub;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server with TLS and a low limit of connections, and clients that disconnect. */
@ServerTest
@TestPropertySource(properties = {"nebula.limits.connections=16", "nebula.watch.heartbeat=10m"})
class TlsConnectionsTests {

  private static final TlsKey KEY = TlsKey.make();
  private static final int CONNECTIONS = 16;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String POLL = RawHttp.head("GET", "/kv/tls", "Prefer: wait=600") + "\r\n";

  private final int port;
  private final Admission admission;
  private final WatchHub hub;
  private final SSLContext tls;
  private final List<RawHttp> open = new ArrayList<>();

  TlsConnectionsTests(@LocalServerPort int port, Admission admission, WatchHub hub)
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
    open.forEach(RawHttp::close);
    try (RawHttp own = connect()) {
      own.ask("DELETE", "/kv/tls");
    }
  }

  private RawHttp connect() {
    try {
      RawHttp http = new RawHttp(port, tls.getSocketFactory().createSocket());
      open.add(http);
      return http;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client with a waiting long poll. */
  private RawHttp waiting() {
    RawHttp http = connect().send(RawHttp.bytes(POLL));
    await().atMost(SOON).until(() -> hub.subscribers() == 1);
    return http;
  }

  private void put() {
    try (RawHttp own = connect()) {
      assertThat(own.ask("PUT", "/kv/tls", RawHttp.bytes("a value")).status()).isEqualTo(201);
    }
  }

  @Test
  void connectionsWithoutHandshakeMakeRoom() {
    RawHttp established = connect();
    assertThat(established.ask("GET", "/kv/tls").status()).isEqualTo(404);
    List<RawHttp> silent = new ArrayList<>();
    for (int i = 0; i < 4 * CONNECTIONS; i++) {
      RawHttp plain = new RawHttp(port);
      open.add(plain);
      silent.add(plain);
      assertThat(established.ask("GET", "/kv/tls").status()).isEqualTo(404);
      try (RawHttp own = connect()) {
        assertThat(own.ask("GET", "/kv/tls").status()).isEqualTo(404);
      }
    }
    assertThat(silent.getFirst().rest()).isEmpty();
    assertThat(admission.evicted()).isGreaterThan(3 * CONNECTIONS);
  }

  /** The first bytes of a handshake that is never completed. */
  @Test
  void incompleteHandshakesMakeRoom() {
    RawHttp established = connect();
    byte[] record = {22, 3, 1, 2, 0, 1, 0};
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
      RawHttp plain = new RawHttp(port).send(record);
      open.add(plain);
      assertThat(established.ask("GET", "/kv/tls").status()).isEqualTo(404);
      try (RawHttp own = connect()) {
        assertThat(own.ask("GET", "/kv/tls").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void incompleteHeadsMakeRoom() {
    RawHttp established = connect();
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
      connect().send(RawHttp.bytes(RawHttp.head("GET", "/kv/tls")));
      assertThat(established.ask("GET", "/kv/tls").status()).isEqualTo(404);
      try (RawHttp own = connect()) {
        assertThat(own.ask("GET", "/kv/tls").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void longestIdleIsClosed() {
    List<RawHttp> idle = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      idle.add(connect());
      assertThat(idle.get(i).ask("GET", "/kv/tls").status()).isEqualTo(404);
    }
    assertThat(idle.get(0).ask("GET", "/kv/tls").status()).isEqualTo(404);
    for (int i = 0; i < 4; i++) {
      assertThat(connect().ask("GET", "/kv/tls").status()).isEqualTo(404);
    }
    assertThat(idle.get(2).rest()).isEmpty();
    assertThat(idle.get(0).ask("GET", "/kv/tls").status()).isEqualTo(404);
  }

  @Test
  void closedConnectionFreesItsPermit() {
    waiting().close();
    await().atMost(SOON).until(() -> hub.subscribers() == 0);
  }

  @Test
  void halfClosedConnectionIsAnsweredAtOnce() {
    // Sends close_notify.
    assertThat(waiting().sendEnd().answerTo("GET").status()).isEqualTo(404);
  }

  @Test
  void pipelinedRequestsAreAnsweredAfterTheWait() {
    RawHttp client = waiting();
    String next = RawHttp.head("GET", "/kv/tls-not") + "\r\n";
    client.send(RawHttp.bytes(next.substring(0, 10)));
    client.send(RawHttp.bytes(next.substring(10)));
    client.send(RawHttp.bytes(next.repeat(500)));
    put();
    assertThat(client.answerTo("GET").text()).isEqualTo("a value");
    for (int i = 0; i < 501; i++) {
      assertThat(client.answerTo("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void connectionIsReusedAfterALongPoll() {
    RawHttp client = waiting();
    put();
    assertThat(client.answerTo("GET").status()).isEqualTo(200);
    for (int i = 0; i < 3; i++) {
      client.ask("DELETE", "/kv/tls");
      client.send(RawHttp.bytes(POLL));
      await().atMost(SOON).until(() -> hub.subscribers() == 1);
      put();
      assertThat(client.answerTo("GET").text()).isEqualTo("a value");
    }
  }
}
