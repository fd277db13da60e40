package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
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
      TestTokens.make().with("metrics", "roles=metrics").with("reader", "roles=read");

  private final int port;

  ManagementPortTests(@LocalManagementPort int port) {
    this.port = port;
  }

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
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
  void probesNeedNoToken() {
    Response probe = get("/manage/actuator/health/liveness");
    assertThat(probe.status()).isEqualTo(200);
    assertThat(probe.text()).isEqualTo("{\"status\":\"UP\"}");
  }
}
