package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.security.TestIssuer;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server that accepts the tokens of an issuer, and those of a file. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.watch.heartbeat=1s",
      "nebula.security.oidc.audience=" + TestIssuer.AUDIENCE,
      "nebula.security.oidc.scope-prefix=nebula:"
    })
@ExtendWith(OutputCaptureExtension.class)
class OidcOverHttpTests {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration HOUR = Duration.ofHours(1);

  private static final TestIssuer ISSUER = TestIssuer.start();
  private static final TestTokens TOKENS = TestTokens.make().with("all", "roles=read,write");

  /** Makes each token another one. */
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int port;
  private final Admission admission;
  private final WatchHub hub;
  private final SteppedTime time;
  private final ListableBeanFactory beans;

  OidcOverHttpTests(
      @LocalServerPort int port,
      Admission admission,
      WatchHub hub,
      SteppedTime time,
      ListableBeanFactory beans) {
    this.port = port;
    this.admission = admission;
    this.hub = hub;
    this.time = time;
    this.beans = beans;
  }

  @DynamicPropertySource
  static void issuer(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.oidc.issuer", ISSUER::issuer);
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  @AfterAll
  static void stop() {
    ISSUER.close();
  }

  @BeforeEach
  void nothingIsServedAndTheIssuerWorks() {
    await().atMost(SOON).until(() -> admission.requests() == 0 && hub.subscribers() == 0);
    ISSUER.answer(200);
    time.advance(PAUSE);
    assertThat(ask(token(), "GET", "/keys").status()).isEqualTo(200);
  }

  private Instant inAnHour() {
    return Instant.ofEpochSecond(time.system().getEpochSecond()).plus(HOUR);
  }

  private String token() {
    return token("nebula:read nebula:write");
  }

  private String token(String scope) {
    return ISSUER.token(inAnHour(), Map.of("scope", scope, "jti", "" + NUMBER.getAndIncrement()));
  }

  private Response ask(String token, String method, String target) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, "Authorization: Bearer " + token);
    }
  }

  private Response put(String token, String key) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("PUT", "/kv/" + key, RawHttp.bytes("v"), "Authorization: Bearer " + token);
    }
  }

  /** Also on the same connection, unless Tomcat reads the next request before it is done. */
  @Test
  void laterRequestsTakeTheFastPath() {
    for (String token :
        List.of(
            token(),
            ISSUER.token(inAnHour(), Map.of("scope", List.of("nebula:read", "nebula:write"))))) {
      long before = admission.fast();
      try (RawHttp http = new RawHttp(port)) {
        assertThat(put(http, token).status()).isIn(201, 204);
        assertThat(admission.fast()).isEqualTo(before);
        await().atMost(SOON).until(() -> put(http, token).status() == 204 && fastSince(before));
      }
      long later = admission.fast();
      assertThat(put(token, "fast").status()).isEqualTo(204);
      assertThat(admission.fast()).isEqualTo(later + 1);
    }
  }

  private boolean fastSince(long before) {
    return admission.fast() > before;
  }

  private static Response put(RawHttp http, String token) {
    return http.ask("PUT", "/kv/fast", RawHttp.bytes("v"), "Authorization: Bearer " + token);
  }

  @Test
  void tokensOfTheFileAreServedToo() {
    long before = admission.fast();
    assertThat(put(TestTokens.of("all"), "file").status()).isIn(201, 204);
    assertThat(admission.fast()).isEqualTo(before + 1);
    ProblemJson.of(ask(TestTokens.of("nobody"), "GET", "/kv/file"), 401, Problem.INVALID_TOKEN);
  }

  @Test
  void expiredTokensGet401() {
    String token = token();
    for (int i = 0; i < 2; i++) {
      assertThat(put(token, "expired").status()).isIn(201, 204);
    }
    time.advance(HOUR);
    for (int i = 0; i < 2; i++) {
      Response refusal = put(token, "expired");
      ProblemJson.of(refusal, 401, Problem.INVALID_TOKEN);
      assertThat(refusal.header("WWW-Authenticate"))
          .hasValue("Bearer realm=\"nebula\", error=\"invalid_token\"");
      assertThat(refusal.text()).contains("expired");
    }
  }

  @Test
  void tokensOfOthersGet401() {
    for (String token :
        List.of(
            ISSUER.token(inAnHour(), Map.of("iss", "https://evil.example")),
            ISSUER.token(inAnHour(), Map.of("aud", "account")),
            ISSUER.forged(inAnHour(), Map.of()),
            "eyJhbGciOiJub25lIn0.e30.",
            "garbage")) {
      ProblemJson.of(put(token, "others"), 401, Problem.INVALID_TOKEN);
      ProblemJson.of(ask(token, "GET", "/keys"), 401, Problem.INVALID_TOKEN);
    }
  }

  @Test
  void rolesAndPrefixesAreHeld() {
    String reader = token("nebula:read write");
    assertThat(ask(reader, "GET", "/keys").status()).isEqualTo(200);
    ProblemJson.of(put(reader, "roles"), 403, Problem.INSUFFICIENT_SCOPE);
    ProblemJson.of(ask(reader, "GET", "/actuator/prometheus"), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(ask(token("nebula:metrics"), "GET", "/actuator/prometheus").status()).isEqualTo(200);
    assertThat(ask(token("nebula:admin"), "GET", "/actuator/shards").status()).isEqualTo(200);
    String app =
        ISSUER.token(
            inAnHour(),
            Map.of("scope", "nebula:read nebula:write", "nebula_prefixes", List.of("app/")));
    for (int i = 0; i < 2; i++) {
      assertThat(put(app, "app/x").status()).isIn(201, 204);
      ProblemJson.of(put(app, "other"), 403, Problem.INSUFFICIENT_SCOPE);
    }
    String malformed =
        ISSUER.token(
            inAnHour(), Map.of("scope", "nebula:read nebula:write", "nebula_prefixes", "app/"));
    ProblemJson.of(put(malformed, "app/x"), 401, Problem.INVALID_TOKEN);
  }

  @Test
  void newKeysOfTheIssuerAreFound() {
    String before = token();
    assertThat(put(before, "rotated").status()).isIn(201, 204);
    ISSUER.rotate();
    time.advance(PAUSE);
    assertThat(put(token(), "rotated").status()).isIn(201, 204);
    // Tokens that were verified before stay valid.
    assertThat(put(before, "rotated").status()).isIn(201, 204);
  }

  @Test
  void unknownKeysDoNotFloodTheIssuer() {
    int before = ISSUER.fetches();
    for (int i = 0; i < 100; i++) {
      ProblemJson.of(put(ISSUER.forged(inAnHour(), Map.of()), "flood"), 401, Problem.INVALID_TOKEN);
    }
    assertThat(ISSUER.fetches()).isBetween(before, before + 1);
  }

  /** Beyond the time for which keys are used. */
  @Test
  void outageOfTheIssuerAffectsNewTokens(CapturedOutput output) {
    String known =
        ISSUER.token(inAnHour().plus(HOUR.multipliedBy(10)), Map.of("scope", "nebula:write"));
    assertThat(put(known, "outage").status()).isIn(201, 204);
    ISSUER.answer(500);
    time.advance(Duration.ofMinutes(5));
    assertThat(put(token(), "outage").status()).isEqualTo(204);
    time.advance(HOUR);
    for (int i = 0; i < 3; i++) {
      Response refusal = put(token(), "outage");
      ProblemJson problem = ProblemJson.of(refusal, 503, Problem.VERIFICATION_UNAVAILABLE);
      assertThat(problem.member("applied")).isEqualTo("no");
      assertThat(refusal.header("Retry-After")).hasValue("10");
      assertThat(refusal.header("WWW-Authenticate")).isEmpty();
      assertThat(put(known, "outage").status()).isEqualTo(204);
    }
    assertThat(output).containsOnlyOnce("can't be fetched");
    assertThat(issuerHealth()).isEqualTo("DEGRADED");
    ISSUER.answer(200);
    time.advance(PAUSE);
    assertThat(put(token(), "outage").status()).isEqualTo(204);
    assertThat(issuerHealth()).isEqualTo("UP");
    assertThat(output).containsOnlyOnce("were fetched again");
  }

  private @Nullable String issuerHealth() {
    Health health = beans.getBean("issuerHealthIndicator", HealthIndicator.class).health();
    return health == null ? null : health.getStatus().getCode();
  }

  @Test
  void streamsOfExpiredTokensEnd() {
    String header = "Authorization: Bearer " + token();
    try (RawHttp watcher = new RawHttp(port);
        RawHttp poller = new RawHttp(port)) {
      watcher.send(RawHttp.bytes(RawHttp.head("GET", "/watch?prefix=", header) + "\r\n"));
      poller.send(
          RawHttp.bytes(RawHttp.head("GET", "/kv/ends", header, "Prefer: wait=60") + "\r\n"));
      await().atMost(SOON).until(() -> hub.subscribers() == 2);
      time.advance(HOUR);
      assertThat(watcher.answerTo("GET").text()).contains(": here");
      ProblemJson.of(poller.answerTo("GET"), 401, Problem.INVALID_TOKEN);
    }
  }

  /** The libraries that verify tokens bring no filter and no endpoint of their own. */
  @Test
  void thereIsNoFilterChain() {
    assertThat(beans.getBeanDefinitionNames())
        .noneMatch(name -> name.startsWith("org.springframework.security"))
        .doesNotContain("springSecurityFilterChain", "cacheManager");
  }

  @Test
  void tokensAreInNoLogAndNoAnswer(CapturedOutput output) {
    for (String token :
        List.of(token(), ISSUER.forged(inAnHour(), Map.of()), token().replace("eyJ", "eyK"))) {
      String seen = put(token, "secret").text() + ask(token, "GET", "/keys").text();
      for (String part : token.split("\\.", -1)) {
        assertThat(seen + output).doesNotContain(part);
      }
    }
  }
}
