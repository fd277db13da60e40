package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ContentMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Uses its own server, so that the number of requests on the fast path is known. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.value-size=16MB",
      "nebula.limits.content-memory=64MB",
      // Headers of proxies are common headers.
      "nebula.security.mode=open",
      // Spring Boot enables this automatically in Kubernetes.
      "server.forward-headers-strategy=native"
    })
class FastPathTests {

  private static final Duration SOON = Duration.ofMinutes(1);

  /** The largest body that the fast path accepts. */
  private static final int MOST = 1 << 20;

  /** A header without a meaning that routes a request through Tomcat. */
  private static final String UNCOMMON = "Unknown: header";

  private final int port;
  private final Admission admission;
  private final ContentMemory memory;
  private final List<RawHttp> open = new ArrayList<>();
  private final RawHttp http;

  FastPathTests(@LocalServerPort int port, Admission admission, ContentMemory memory) {
    this.port = port;
    this.memory = memory;
    this.admission = admission;
    this.http = connect();
  }

  private RawHttp connect() {
    RawHttp connection = new RawHttp(port);
    open.add(connection);
    return connection;
  }

  @AfterEach
  void nothingIsLeftInHand() {
    open.forEach(RawHttp::close);
    await().atMost(SOON).until(() -> admission.requests() == 0);
    assertThat(memory.taken()).isZero();
  }

  /** Fails unless exactly this many requests took the fast path meanwhile. */
  private void assertFast(int expected, Runnable requests) {
    long before = admission.fast();
    requests.run();
    assertThat(admission.fast() - before).isEqualTo(expected);
  }

  @Test
  void commonRequestsTakeTheFastPath() {
    assertFast(
        8,
        () -> {
          assertThat(http.ask("PUT", "/kv/fast-1", new byte[3]).status()).isEqualTo(201);
          String etag = http.ask("GET", "/kv/fast-1").header("ETag").orElseThrow();
          assertThat(http.ask("GET", "/kv/fast-1", "If-None-Match: " + etag).status())
              .isEqualTo(304);
          assertThat(
                  http.ask("PUT", "/kv/fast-1?ttl=5m", new byte[3], "If-Match: " + etag).status())
              .isEqualTo(204);
          assertThat(http.ask("DELETE", "/kv/fast-1", "If-Match: " + etag).status()).isEqualTo(412);
          assertThat(http.ask("DELETE", "/kv/fast-1").status()).isEqualTo(204);
          assertThat(http.ask("GET", "/kv/fast-1").status()).isEqualTo(404);
          assertThat(http.ask("PUT", "/kv/fast-1", new byte[MOST]).status()).isEqualTo(201);
        });
  }

  static Stream<String> uncommon() {
    return Stream.of(
        RawHttp.head("HEAD", "/kv/fast-2") + "\r\n",
        RawHttp.head("GET", "/kv/fast-2", UNCOMMON) + "\r\n",
        RawHttp.head("GET", "/kv/fast-2", "Range: bytes=0-1") + "\r\n",
        RawHttp.head("GET", "/kv/fast-2?ttl=1s") + "\r\n",
        RawHttp.head("GET", "/kv/fast%") + "\r\n",
        RawHttp.head("GET", "/kv/") + "\r\n",
        RawHttp.head("GET", "/keys") + "\r\n",
        RawHttp.head("PUT", "/kv/fast-2?ttl=never") + "Content-Length: 0\r\n\r\n",
        RawHttp.head("PUT", "/kv/fast-2", "If-Match: nonsense") + "Content-Length: 0\r\n\r\n",
        RawHttp.head("PUT", "/kv/fast-2", "Content-Type: " + "x".repeat(257))
            + "Content-Length: 0\r\n\r\n",
        RawHttp.head("PUT", "/kv/fast-2")
            + "Content-Length: "
            + (MOST + 1)
            + "\r\n\r\n"
            + "x".repeat(MOST + 1),
        RawHttp.head("PUT", "/kv/fast-2", "Transfer-Encoding: chunked") + "\r\n0\r\n\r\n",
        "GET /kv/fast-2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  }

  /** Also after a request on the fast path, and before another. */
  @ParameterizedTest
  @MethodSource("uncommon")
  void uncommonRequestsDoNotTakeIt(String request) {
    String method = request.substring(0, request.indexOf(' '));
    assertFast(
        2,
        () -> {
          assertThat(http.ask("GET", "/kv/fast-3").status()).isEqualTo(404);
          assertThat(http.send(RawHttp.bytes(request)).answerTo(method).status())
              .isBetween(200, 499);
          try (RawHttp own = new RawHttp(port)) {
            assertThat(own.send(RawHttp.bytes(request)).answerTo(method).status())
                .isBetween(200, 499);
          }
          RawHttp next = connect();
          assertThat(next.ask("GET", "/kv/fast-3").status()).isEqualTo(404);
        });
  }

  @ParameterizedTest
  @CsvSource({"1,6000", "7,6000", "100,6000", "950,9000", "5000,200000", "200000,1048576"})
  void requestMayArriveInPieces(int piece, int size) {
    byte[] value = new byte[size];
    new Random(piece).nextBytes(value);
    byte[] head =
        RawHttp.bytes(RawHttp.head("PUT", "/kv/fast-4") + "Content-Length: " + size + "\r\n\r\n");
    byte[] message = Arrays.copyOf(head, head.length + size);
    System.arraycopy(value, 0, message, head.length, size);
    for (int from = 0; from < message.length; from += piece) {
      http.send(Arrays.copyOfRange(message, from, Math.min(from + piece, message.length)));
    }
    assertThat(http.answerTo("PUT").status()).isBetween(201, 204);
    assertThat(http.ask("GET", "/kv/fast-4").body()).isEqualTo(value);
  }

  @Test
  void bodyMayArriveAfterItsHead() {
    assertFast(
        1,
        () -> {
          http.send(RawHttp.bytes(RawHttp.head("PUT", "/kv/fast-5") + "Content-Length: 2\r\n\r\n"));
          await().atMost(SOON).until(() -> admission.requests() == 1);
          http.send(RawHttp.bytes("a"));
          http.send(RawHttp.bytes("b"));
          assertThat(http.answerTo("PUT").status()).isEqualTo(201);
        });
    assertThat(http.ask("GET", "/kv/fast-5").text()).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, MOST})
  void bodyThatEndsEarlyIsRefused(int size) {
    String head = RawHttp.head("PUT", "/kv/fast-6") + "Content-Length: " + size + "\r\n\r\n";
    http.send(RawHttp.bytes(head + "x".repeat(size - 1))).sendEnd();
    ProblemJson.of(http.answerTo("PUT"), 400, Problem.INVALID_REQUEST);
    assertThat(http.rest()).isEmpty();
    assertThat(connect().ask("GET", "/kv/fast-6").status()).isEqualTo(404);
  }

  @Test
  void halfClosedConnectionIsAnswered() {
    http.send(RawHttp.bytes(RawHttp.head("GET", "/kv/fast-7") + "\r\n")).sendEnd();
    assertThat(http.answerTo("GET").status()).isEqualTo(404);
    assertThat(http.rest()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", UNCOMMON + "\r\n"})
  void pipelinedRequestsAreAnsweredInOrder(String third) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String head = RawHttp.head("PUT", "/kv/fast-8") + (i == 3 ? third : "");
      all.append(head).append("Content-Length: 2\r\n\r\n").append(10 + i);
      all.append(RawHttp.head("GET", "/kv/fast-8")).append("\r\n");
    }
    http.send(RawHttp.bytes(all.toString()));
    for (int i = 0; i < 20; i++) {
      assertThat(http.answerTo("PUT").status()).isBetween(201, 204);
      assertThat(http.answerTo("GET").text()).isEqualTo(Integer.toString(10 + i));
    }
  }

  @Test
  void nextRequestWaitsForTheAnswer() {
    String one = RawHttp.head("GET", "/kv/fast-9") + "\r\n";
    for (int i = 0; i < 200; i++) {
      http.send(RawHttp.bytes(one));
    }
    for (int i = 0; i < 200; i++) {
      assertThat(http.answerTo("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void largeAnswerWaitsForItsClient() {
    // More than the buffers of a connection can hold.
    byte[] value = new byte[16 << 20];
    new Random(1).nextBytes(value);
    assertThat(http.ask("PUT", "/kv/fast-10", value).status()).isEqualTo(201);
    assertFast(
        5,
        () -> {
          List<RawHttp> slow = Stream.generate(this::connect).limit(3).toList();
          slow.forEach(
              taker -> taker.send(RawHttp.bytes(RawHttp.head("GET", "/kv/fast-10") + "\r\n")));
          await().atMost(SOON).until(() -> admission.requests() == 3);
          assertThat(connect().ask("GET", "/kv/fast-3").status()).isEqualTo(404);
          slow.forEach(taker -> assertThat(taker.answerTo("GET").body()).isEqualTo(value));
          assertThat(slow.getFirst().ask("GET", "/kv/fast-3").status()).isEqualTo(404);
        });
  }

  @Test
  void closedConnectionsLeaveNothingBehind() {
    for (int i = 0; i < 100; i++) {
      try (RawHttp gone = new RawHttp(port)) {
        gone.send(
            RawHttp.bytes(
                i % 2 == 0
                    ? RawHttp.head("GET", "/kv/fast-11") + "\r\n"
                    : RawHttp.head("PUT", "/kv/fast-11") + "Content-Length: 2\r\n\r\na"));
      }
    }
    await().atMost(SOON).until(() -> admission.requests() == 0);
    assertThat(http.ask("GET", "/kv/fast-11").status()).isEqualTo(404);
  }

  /** What a client sees, with entity tags, dates and names of keys normalized. */
  private static String seen(Response answer) {
    return "%d %s %s"
        .formatted(answer.status(), answer.headers(), new String(answer.body(), ISO_8859_1))
        .replaceAll("\"[0-9a-z]{12}[\\\\]?\"", "TAG")
        .replaceAll("(Date|Last-Modified|Nebula-Expires), value=[^\\]]*", "$1")
        .replaceAll("/?(fast|slow)-same-", "NAME-");
  }

  /** The same requests are sent both ways, to keys with the same history. */
  @Test
  void bothWaysAnswerAlike() {
    Random random = new Random(20);
    RawHttp slow = connect();
    Map<String, String> known = new HashMap<>();
    assertFast(
        600,
        () -> {
          for (int i = 0; i < 600; i++) {
            int number = random.nextInt(5);
            String method =
                List.of("GET", "GET", "PUT", "PUT", "PUT", "DELETE").get(random.nextInt(6));
            String query = method.equals("PUT") && random.nextBoolean() ? "?ttl=9m" : "";
            String type = List.of("", "text/plain; charset=utf-8", "a/b").get(random.nextInt(3));
            int condition = random.nextInt(6);
            byte[] body = new byte[random.nextInt(3) * random.nextInt(20_000)];
            Response[] answers = new Response[2];
            for (int way = 0; way < 2; way++) {
              String target = "/kv/" + (way == 0 ? "fast" : "slow") + "-same-" + number;
              List<String> headers = new ArrayList<>();
              if (way == 1) {
                headers.add(UNCOMMON);
              }
              if (method.equals("PUT") && !type.isEmpty()) {
                headers.add("Content-Type: " + type);
              }
              switch (condition) {
                case 0 -> headers.add("If-Match: " + known.getOrDefault(target, "\"none\""));
                case 1 -> headers.add("If-None-Match: *");
                case 2 ->
                    headers.add(
                        "If-None-Match: \"x\", W/" + known.getOrDefault(target, "\"none\""));
                default -> {
                  // No condition.
                }
              }
              RawHttp connection = way == 0 ? http : slow;
              String[] lines = headers.toArray(String[]::new);
              answers[way] =
                  method.equals("PUT")
                      ? connection.ask(method, target + query, body, lines)
                      : connection.ask(method, target, lines);
              answers[way].header("ETag").ifPresent(tag -> known.put(target, tag));
            }
            assertThat(seen(answers[0])).as("%s %s", i, method).isEqualTo(seen(answers[1]));
          }
        });
  }

  /**
   * Requests with random bytes changed. Whatever the fast path accepts, Tomcat would have accepted
   * too, with the same effect. A request that follows shows where the changed one ended.
   */
  @Test
  void requestsThatTomcatRefusesAreNotTaken() {
    Random random = new Random(21);
    for (int i = 0; i < 1_000; i++) {
      String plain =
          random.nextBoolean()
              ? "PUT /kv/mutant HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
              : "GET /kv/mutant HTTP/1.1\r\nHost: localhost\r\nAccept: b\r\n\r\n";
      StringBuilder mutant = new StringBuilder(plain);
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(mutant.length());
        char c = " \t\r\n:?#%/.,;0123\u0000\u007f\u00e9GHx\"".charAt(random.nextInt(23));
        switch (random.nextInt(3)) {
          case 0 -> mutant.setCharAt(at, c);
          case 1 -> mutant.insert(at, c);
          default -> mutant.deleteCharAt(at);
        }
      }
      int line = mutant.indexOf("\r\nHost");
      if (line < 0) {
        continue;
      }
      String next = "DELETE /kv/behind HTTP/1.1\r\nHost: localhost\r\n\r\n";
      String fast = mutant + next;
      String slow = mutant.insert(line, "\r\n" + UNCOMMON) + next;
      assertThat(statuses(fast)).as("%s", fast).isEqualTo(statuses(slow));
    }
  }

  /** The statuses of all responses to these bytes, on their own connection. */
  private List<String> statuses(String bytes) {
    try (RawHttp own = new RawHttp(port)) {
      // The first request creates the key or finds it. Both are correct.
      String all = new String(own.send(RawHttp.bytes(bytes)).sendEnd().rest(), ISO_8859_1);
      return Stream.of(all.split("HTTP/1.1 ", -1))
          .skip(1)
          .map(answer -> answer.substring(0, 3).replace("201", "204"))
          .toList();
    }
  }
}
