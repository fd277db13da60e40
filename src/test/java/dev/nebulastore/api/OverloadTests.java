package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ContentMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;
import org.springframework.util.unit.DataSize;

/** A server with a low limit of requests in flight. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.requests=16",
      "nebula.limits.content-memory=5MB",
      "nebula.watch.heartbeat=50ms"
    })
class OverloadTests {

  private static final int REQUESTS = 16;
  private static final int VALUE = 1 << 20;

  /** Four values, and the copy that is made when the body of the last one grows. */
  private static final long LIMIT = 4L * VALUE + VALUE * 5 / 8;

  private static final Duration SOON = Duration.ofMinutes(1);

  /** A content memory in which an array takes only its own size and no client is ever idle. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Still {
    @Bean
    @Primary
    ContentMemory stillMemory() {
      return new ContentMemory(DataSize.ofBytes(LIMIT), 0, () -> 0);
    }
  }

  private final int port;
  private final Admission admission;
  private final ContentMemory memory;
  private final List<RawHttp> open = new ArrayList<>();

  OverloadTests(@LocalServerPort int port, Admission admission, ContentMemory memory) {
    this.port = port;
    this.admission = admission;
    this.memory = memory;
  }

  @BeforeEach
  void nothingIsInFlight() {
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

  private List<RawHttp> connect(int count) {
    return IntStream.range(0, count).mapToObj(_ -> connect()).toList();
  }

  /** Asks on its own connection, since the server closes the connection after a 503. */
  private Response ask(String method, String target, byte[] body, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask(method, target, body, headers);
    }
  }

  private Response get(String target) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask("GET", target);
    }
  }

  private static void assertOverloaded(Response answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).contains("1");
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(answer.text()).contains("/problems/overloaded", "\"applied\":\"no\"");
  }

  @Test
  void requestsBeyondTheLimitAreRefused() {
    List<RawHttp> watching = connect(REQUESTS);
    watching.forEach(
        http -> http.send(RawHttp.bytes(RawHttp.head("GET", "/watch?key=a") + "\r\n")));
    await().atMost(SOON).until(() -> admission.requests() == REQUESTS);
    long refused = admission.refused();
    Response answer = ask("PUT", "/kv/overload-1", new byte[10]);
    assertOverloaded(answer);
    assertThat(answer.text())
        .contains("The limit of 16 concurrent requests is reached (`nebula.limits.requests`).");
    assertThat(answer.header("Connection")).contains("close");
    assertThat(admission.refused()).isEqualTo(refused + 1);
    watching.getFirst().close();
    await().atMost(SOON).until(() -> get("/kv/overload-1").status() == 404);
  }

  private static final String LIVENESS = "/actuator/health/liveness";

  /** Takes all permits with long-running requests. */
  private List<RawHttp> takeAllPlaces() {
    List<RawHttp> watching = connect(REQUESTS);
    watching.forEach(
        http -> http.send(RawHttp.bytes(RawHttp.head("GET", "/watch?key=a") + "\r\n")));
    await().atMost(SOON).until(() -> admission.requests() == REQUESTS);
    return watching;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        LIVENESS,
        "/actuator/health/readiness",
        "/actuator/health",
        "/actuator/prometheus"
      })
  void probesAndScrapesHaveReservedPermits(String target) {
    takeAllPlaces();
    long refused = admission.refused();
    for (int i = 0; i < 20; i++) {
      RawHttp probe = connect();
      Response answer = probe.ask(i % 2 == 0 ? "GET" : "HEAD", target);
      assertThat(answer.status()).as("%s", answer).isEqualTo(200);
      assertThat(answer.header("Connection")).contains("close");
      assertThat(probe.rest()).isEmpty();
    }
    assertThat(admission.refused()).isEqualTo(refused);
    assertOverloaded(get("/kv/overload-10"));
  }

  /**
   * A reserved permit is for one response only: a later request on the same connection may be
   * anything.
   */
  @Test
  void probeEndsItsConnection() {
    takeAllPlaces();
    String probe = RawHttp.head("GET", LIVENESS) + "\r\n";
    String other = RawHttp.head("GET", "/watch?key=a") + "\r\n";
    assertOverloaded(connect().send(RawHttp.bytes(probe + other)).answerTo("GET"));
    RawHttp patient = connect().send(RawHttp.bytes(probe));
    assertThat(patient.answerTo("GET").status()).isEqualTo(200);
    patient.send(RawHttp.bytes(other));
    assertThat(patient.rest()).isEmpty();
  }

  @Test
  void slowProbesGetNoReservedPermit() {
    takeAllPlaces();
    for (int i = 0; i < 20; i++) {
      RawHttp slow = connect().send(RawHttp.bytes(RawHttp.head("GET", LIVENESS)));
      assertOverloaded(slow.answerTo("GET"));
    }
    assertThat(get(LIVENESS).status()).isEqualTo(200);
  }

  @Test
  void probesWithBodyGetNoReservedPermit() {
    takeAllPlaces();
    String head = RawHttp.head("GET", LIVENESS) + "Content-Length: 9\r\n\r\n";
    assertOverloaded(connect().send(RawHttp.bytes(head)).answerTo("GET"));
    assertThat(get(LIVENESS).status()).isEqualTo(200);
  }

  @Test
  void probesPreferOrdinaryPermits() {
    RawHttp http = connect();
    assertThat(http.ask("GET", LIVENESS).header("Connection")).isEmpty();
    assertThat(http.ask("GET", LIVENESS).status()).isEqualTo(200);
  }

  /** Each connection sends this part of a request, one after another. */
  private List<RawHttp> begin(String part) {
    List<RawHttp> begun = new ArrayList<>();
    while (begun.size() < REQUESTS) {
      begun.add(connect().send(RawHttp.bytes(part)));
      await().atMost(SOON).until(() -> admission.requests() == begun.size());
    }
    return begun;
  }

  @Test
  void oldestIncompleteHeadIsEvicted() {
    List<RawHttp> slow = begin(RawHttp.head("GET", "/kv/overload-2"));
    assertThat(get("/kv/overload-2").status()).isEqualTo(404);
    assertThat(slow.getFirst().rest()).isEmpty();
    for (RawHttp later : slow.subList(1, REQUESTS)) {
      assertThat(later.send(RawHttp.bytes("\r\n")).answerTo("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void oldestIncompleteBodyIsEvicted() {
    List<RawHttp> slow =
        begin(RawHttp.head("PUT", "/kv/overload-8") + "Content-Length: 2\r\n\r\na");
    // The body of a request whose head was read may not have been read yet.
    await().atMost(SOON).until(() -> get("/kv/overload-2").status() == 404);
    assertThat(slow.getFirst().rest()).isEmpty();
    await().atMost(SOON).until(() -> admission.requests() < REQUESTS);
    assertThat(get("/kv/overload-8").status()).isEqualTo(404);
    RawHttp last = slow.getLast();
    assertThat(last.send(RawHttp.bytes("b")).answerTo("PUT").status()).isEqualTo(201);
    assertThat(last.ask("GET", "/kv/overload-8").text()).isEqualTo("ab");
  }

  @Test
  void valuesWithoutMemoryAreRefused() {
    byte[] large = new byte[VALUE];
    assertThat(ask("PUT", "/kv/overload-4", large).status()).isEqualTo(201);
    byte[] most = new byte[VALUE * 3 / 4];
    byte[] rest = new byte[VALUE - most.length];
    String head = RawHttp.head("PUT", "/kv/overload-5") + "Content-Length: " + VALUE + "\r\n\r\n";
    List<RawHttp> slow = connect(4);
    slow.forEach(http -> http.send(RawHttp.bytes(head), most));
    await().atMost(SOON).until(() -> memory.taken() == 4L * VALUE - 4L * ContentMemory.FREE);
    RawHttp refused = connect();
    long fast = admission.fast();
    assertOverloaded(refused.ask("PUT", "/kv/overload-6", large));
    Response answer = refused.ask("GET", "/kv/overload-4");
    assertOverloaded(answer);
    assertThat(answer.text()).contains("memory limit (`nebula.limits.content-memory`)");
    assertThat(refused.ask("PUT", "/kv/overload-6", new byte[ContentMemory.FREE]).status())
        .isEqualTo(201);
    assertThat(admission.fast() - fast).isEqualTo(3);
    // The same through Tomcat, which closes the connection.
    assertOverloaded(ask("PUT", "/kv/overload-6", large, "Unknown: header"));
    assertThat(memory.taken()).isEqualTo(4L * VALUE - 4L * ContentMemory.FREE);
    slow.forEach(http -> assertThat(http.send(rest).answerTo("PUT").status()).isIn(201, 204));
    await().atMost(SOON).until(() -> memory.taken() == 0);
    assertThat(get("/kv/overload-4").body()).hasSize(VALUE);
  }

  /** Also if there was memory for a part of the body: it is released immediately. */
  @Test
  void refusedBodyIsSkipped() {
    try (var share = memory.share()) {
      share.need(LIMIT - 100_000);
      long before = memory.taken();
      RawHttp http = connect();
      String head = RawHttp.head("PUT", "/kv/overload-9") + "Content-Length: " + VALUE + "\r\n\r\n";
      http.send(RawHttp.bytes(head), new byte[50_000]);
      await().atMost(SOON).until(() -> memory.taken() > before);
      http.send(new byte[150_000]);
      await().atMost(SOON).until(() -> memory.taken() == before);
      String next = RawHttp.head("GET", "/kv/overload-9") + "\r\n";
      http.send(new byte[VALUE - 200_000], RawHttp.bytes(next));
      assertOverloaded(http.answerTo("PUT"));
      assertThat(http.answerTo("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void batchLineWithoutMemoryIsAnswered() {
    try (var share = memory.share()) {
      share.need(LIMIT + ContentMemory.FREE);
      String small = "{\"op\":\"put\",\"key\":\"overload-7\",\"value\":\"x\"}\n";
      String large = small.replace("\"x\"", "\"" + "x".repeat(100_000) + "\"");
      byte[] body = RawHttp.bytes(small + large + small);
      try (RawHttp http = new RawHttp(port)) {
        Response answer = http.ask("POST", "/batch", body, "Content-Type: application/x-ndjson");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text().lines())
            .satisfiesExactly(
                line -> assertThat(line).contains("201"),
                line -> assertThat(line).contains("503", "overloaded", "\"applied\":\"no\""),
                line -> assertThat(line).contains("204"));
      }
    }
  }
}
