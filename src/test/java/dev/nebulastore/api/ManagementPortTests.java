package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.security.AccessDenied.Kind;
import dev.nebulastore.security.Refusals;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server with a management port of its own that asks for tokens. */
@ServerTest
@TestPropertySource(
    properties = {"management.server.port=0", "management.server.base-path=/manage"})
class ManagementPortTests {

  private static final TestTokens TOKENS =
      TestTokens.make()
          .with("metrics", "roles=metrics")
          .with("reader", "roles=read")
          .with("admin", "roles=admin");

  private static final AuditLines AUDIT = AuditLines.make();

  private final int port;
  private final Refusals refusals;

  ManagementPortTests(@LocalManagementPort int port, Refusals refusals) {
    this.port = port;
    this.refusals = refusals;
  }

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
    registry.add("nebula.audit.file", () -> AUDIT.file().toString());
  }

  private Response get(String path, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("GET", path, headers);
    }
  }

  @Test
  void managementPortAsksTheSameGate() {
    String metrics = "/manage/actuator/prometheus";
    ProblemJson.of(get(metrics), 401, Problem.TOKEN_REQUIRED);
    ProblemJson.of(get(metrics, TestTokens.header("reader")), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(get(metrics, TestTokens.header("metrics")).status()).isEqualTo(200);
    ProblemJson.of(get("/manage/actuator;x/prometheus"), 404, Problem.NOT_FOUND);
    ProblemJson.of(
        get("/manage/actuator/shards", TestTokens.header("metrics")),
        403,
        Problem.INSUFFICIENT_SCOPE);
  }

  @Test
  void refusalsAreCountedAndRecorded() {
    long before = refusals.count(Kind.TOKEN_REQUIRED);
    List<String> lines =
        AUDIT.during(1, () -> get("/manage/actuator/shards"), () -> get("/manage/actuator/last"));
    assertThat(lines).containsExactly("refused : GET /manage/actuator/shards token-required 401");
    assertThat(refusals.count(Kind.TOKEN_REQUIRED)).isEqualTo(before + 3);
  }

  @Test
  void actsAreRecorded() {
    List<String> lines =
        AUDIT.during(
            1,
            () -> {
              try (RawHttp http = new RawHttp(port)) {
                http.ask("DELETE", "/manage/actuator/shards/0", TestTokens.header("admin"));
              }
            },
            () -> get("/manage/actuator/last"));
    assertThat(lines).containsExactly("admin admin: DELETE /manage/actuator/shards/0 405");
  }

  /** As a container's name in a scrape configuration. */
  @Test
  void hostsAndMalformedRequestsAreTreatedAlike() {
    try (RawHttp http = new RawHttp(port)) {
      String line = "GET /manage/actuator/health/liveness HTTP/1.1\r\n";
      http.send(RawHttp.bytes(line + "Host: nebula_store:9090\r\n\r\n"));
      assertThat(http.answerTo("GET").status()).isEqualTo(200);
      http.send(RawHttp.bytes(line + "Host: a\r\nHost: b\r\n\r\n"));
      ProblemJson.of(http.answerTo("GET"), 400, Problem.INVALID_REQUEST);
      assertThat(http.ask("GET", "/manage/actuator/health/liveness").status()).isEqualTo(200);
    }
  }

  @Test
  void errorsOfEndpointsAreProblems() {
    for (String path : new String[] {"health/nope", "health/liveness/nope", "metrics/nope"}) {
      ProblemJson.of(
          get("/manage/actuator/" + path, TestTokens.header("metrics")), 404, Problem.NOT_FOUND);
    }
    try (RawHttp http = new RawHttp(port)) {
      Response refused = http.ask("POST", "/manage/actuator/shards", TestTokens.header("admin"));
      assertThat(ProblemJson.of(refused, 405, Problem.METHOD_NOT_ALLOWED).member("detail"))
          .endsWith(" It would need management.endpoint.shards.access=unrestricted.");
    }
  }

  @Test
  void probesNeedNoToken() {
    Response probe = get("/manage/actuator/health/liveness");
    assertThat(probe.status()).isEqualTo(200);
    assertThat(probe.text()).isEqualTo("{\"status\":\"UP\"}");
  }

  @Test
  void idleConnectionsAreClosedForNewOnes() {
    try (RawHttp first = new RawHttp(port)) {
      List<RawHttp> idle = Stream.generate(() -> new RawHttp(port)).limit(80).toList();
      assertThat(get("/manage/actuator/health/liveness").status()).isEqualTo(200);
      assertThat(first.rest()).isEmpty();
      idle.forEach(RawHttp::close);
    }
  }

  @Test
  void malformedRequestsGetProblems() {
    try (RawHttp http = new RawHttp(port)) {
      Response answer =
          http.send(RawHttp.bytes("GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n")).answerTo("GET");
      ProblemJson.of(answer, 400, Problem.INVALID_REQUEST);
    }
  }
}
