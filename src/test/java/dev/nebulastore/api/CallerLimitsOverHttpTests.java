package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** One caller at its limits, and another one beside it. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.per-caller.requests=8",
      "nebula.limits.per-caller.watchers=2",
      "nebula.limits.per-caller.content-memory=4MB"
    })
class CallerLimitsOverHttpTests {

  private static final Duration SOON = Duration.ofSeconds(30);

  /** Not served by the fast path. */
  private static final String SLOW = "X-Not-Plain: 1";

  private static final String PLAIN = "Accept: */*";

  private static final TestTokens TOKENS =
      TestTokens.make().with("one", "roles=read,write").with("other", "roles=read,write");

  private final int port;
  private final Admission admission;
  private final ContentMemory memory;
  private final WatchHub hub;
  private final List<RawHttp> open = new ArrayList<>();

  CallerLimitsOverHttpTests(
      @LocalServerPort int port, Admission admission, ContentMemory memory, WatchHub hub) {
    this.port = port;
    this.admission = admission;
    this.memory = memory;
    this.hub = hub;
  }

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  @BeforeEach
  void nothingIsServed() {
    await().atMost(SOON).until(() -> admission.requests() == 0 && hub.subscribers() == 0);
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

  private Response ask(String caller, String method, String target, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add(TestTokens.header(caller));
    return connect().ask(method, target, all.toArray(String[]::new));
  }

  /** Requests whose bodies do not arrive as a whole. */
  private void hold(String caller, int requests, String way) {
    for (int i = 0; i < requests; i++) {
      String head =
          RawHttp.head(
              "PUT", "/kv/held", TestTokens.header(caller), way, "Content-Length: 1000000");
      connect().send(RawHttp.bytes(head + "\r\n"));
    }
    await().atMost(SOON).until(() -> admission.requests() == requests);
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, SLOW})
  void requestsInFlightAreLimited(String way) {
    hold("one", 8, way);
    assertThat(ask("one", "GET", "/kv/a", PLAIN).body())
        .isEqualTo(ask("one", "GET", "/kv/a", SLOW).body());
    for (String again : new String[] {PLAIN, SLOW}) {
      Response refusal = ask("one", "GET", "/kv/a", again);
      ProblemJson problem = ProblemJson.of(refusal, 429, Problem.CALLER_LIMIT);
      assertThat(problem.member("detail")).contains("8 requests in flight");
      assertThat(problem.member("applied")).isEqualTo("no");
      assertThat(refusal.header("Retry-After")).hasValue("1");
      assertThat(refusal.header("Cache-Control")).hasValue("no-store");
      assertThat(ask("other", "GET", "/kv/a", again).status()).isEqualTo(404);
    }
    assertThat(ask("one", "GET", "/keys").status()).isEqualTo(429);
    open.removeFirst().close();
    await().atMost(SOON).until(() -> ask("one", "GET", "/kv/a").status() == 404);
  }

  /** Whoever sends a wrong token is known by the address, and counts for no caller. */
  @Test
  void requestsWithWrongTokensCountForTheirAddress() {
    hold("one", 8, PLAIN);
    try (RawHttp http = new RawHttp(port)) {
      Response refusal = http.ask("GET", "/kv/a", "Authorization: Bearer nst_one_wrong");
      ProblemJson.of(refusal, 401, Problem.INVALID_TOKEN);
    }
  }

  @Test
  void probesAreNotLimited() {
    hold("one", 8, PLAIN);
    assertThat(connect().ask("GET", "/actuator/health/liveness").status()).isEqualTo(200);
  }

  @Test
  void watchersAreLimited() {
    for (int i = 0; i < 2; i++) {
      connect()
          .send(
              RawHttp.bytes(
                  RawHttp.head("GET", "/watch?prefix=", TestTokens.header("one")) + "\r\n"));
    }
    await().atMost(SOON).until(() -> hub.subscribers() == 2);
    for (String target : new String[] {"/watch?prefix=", "/kv/none"}) {
      Response refusal = ask("one", "GET", target, "Prefer: wait=60");
      ProblemJson problem = ProblemJson.of(refusal, 429, Problem.CALLER_LIMIT);
      assertThat(problem.member("detail")).contains("2 watchers");
    }
    assertThat(ask("one", "GET", "/kv/none").status()).isEqualTo(404);
    assertThat(ask("other", "GET", "/kv/none", "Prefer: wait=1").status()).isEqualTo(404);
    open.removeFirst().close();
    await().atMost(SOON).until(() -> hub.subscribers() == 1);
    assertThat(ask("one", "GET", "/kv/none", "Prefer: wait=1").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, SLOW})
  void contentMemoryIsLimited(String way) {
    byte[] part = new byte[900_000];
    Response refusal = put("one", way);
    for (int i = 0; i < 4 && refusal.status() < 300; i++) {
      String head =
          RawHttp.head("PUT", "/kv/held", TestTokens.header("one"), way, "Content-Length: 1000000");
      connect().send(RawHttp.bytes(head + "\r\n"), part);
      long expected = 900_000L * (i + 1);
      await().atMost(SOON).until(() -> memory.taken() >= expected);
      refusal = put("one", way);
    }
    ProblemJson problem = ProblemJson.of(refusal, 503, Problem.OVERLOADED);
    assertThat(problem.member("detail")).contains("nebula.limits.per-caller.content-memory");
    assertThat(put("other", way).status()).isLessThan(300);
  }

  private Response put(String caller, String way) {
    return connect().ask("PUT", "/kv/large", new byte[1_000_000], TestTokens.header(caller), way);
  }
}
