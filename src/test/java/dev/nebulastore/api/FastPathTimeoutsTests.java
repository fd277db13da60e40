package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server with short timeouts. */
@ServerTest
@TestPropertySource(
    properties = {
      "server.tomcat.connection-timeout=3s",
      "server.tomcat.keep-alive-timeout=1s",
      "nebula.limits.value-size=16MB",
      "nebula.limits.content-memory=64MB"
    })
class FastPathTimeoutsTests {

  private final int port;
  private final Admission admission;
  private final List<RawHttp> open = new ArrayList<>();

  FastPathTimeoutsTests(@LocalServerPort int port, Admission admission) {
    this.port = port;
    this.admission = admission;
  }

  private RawHttp connect() {
    RawHttp http = new RawHttp(port);
    open.add(http);
    return http;
  }

  @AfterEach
  void nothingIsLeftInHand() {
    open.forEach(RawHttp::close);
    await().atMost(Duration.ofMinutes(1)).until(() -> admission.requests() == 0);
  }

  @Test
  void idleConnectionIsClosed() {
    awaitEndOfAConnection();
  }

  private void awaitEndOfAConnection() {
    long before = admission.fast();
    RawHttp http = connect();
    assertThat(http.ask("GET", "/kv/timeouts-1").status()).isEqualTo(404);
    assertThat(admission.fast()).isEqualTo(before + 1);
    assertThat(http.rest()).isEmpty();
  }

  @Test
  void stalledBodyIsRefused() {
    RawHttp http = connect();
    http.send(RawHttp.bytes(RawHttp.head("PUT", "/kv/timeouts-2") + "Content-Length: 2\r\n\r\na"));
    Response answer = http.answerTo("PUT");
    ProblemJson.of(answer, 400, Problem.INVALID_REQUEST);
    assertThat(answer.text()).contains("\"instance\":\"/kv/timeouts-2\"");
    assertThat(answer.header("Connection")).hasValue("close");
    assertThat(answer.header("Date")).isPresent();
    assertThat(http.rest()).isEmpty();
  }

  @Test
  void slowBodyIsAccepted() {
    RawHttp http = connect();
    http.send(RawHttp.bytes(RawHttp.head("PUT", "/kv/timeouts-4") + "Content-Length: 4\r\n\r\n"));
    await().atMost(Duration.ofMinutes(1)).until(() -> admission.requests() == 1);
    for (int i = 0; i < 4; i++) {
      // Together they take longer than the timeout for a stalled body.
      awaitEndOfAConnection();
      http.send(RawHttp.bytes("a"));
    }
    assertThat(http.answerTo("PUT").status()).isEqualTo(201);
  }

  @Test
  void unreadAnswerIsDropped() {
    // More than the buffers of a connection can hold.
    byte[] value = new byte[16 << 20];
    try (RawHttp other = new RawHttp(port)) {
      assertThat(other.ask("PUT", "/kv/timeouts-3", value).status()).isEqualTo(201);
    }
    RawHttp http = connect();
    long before = admission.fast();
    http.send(RawHttp.bytes(RawHttp.head("GET", "/kv/timeouts-3") + "\r\n"));
    await().atMost(Duration.ofMinutes(1)).until(() -> admission.fast() == before + 1);
    await().atMost(Duration.ofMinutes(1)).until(() -> admission.requests() == 0);
    assertThat(http.rest().length).isLessThan(value.length);
  }
}
