package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server that asks for no tokens, so that all clients on this machine are one caller. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.limits.per-caller.requests-per-second=1",
      "nebula.limits.per-caller.connections=20"
    })
class CallerRateTests {

  private static final int ENOUGH = 1_000;

  private final int port;

  CallerRateTests(@LocalServerPort int port) {
    this.port = port;
  }

  /** More than one request a second arrives sooner or later, however slow the machine is. */
  @ParameterizedTest
  @ValueSource(strings = {"Accept: */*", "X-Not-Plain: 1"})
  void requestsBeyondTheRateAreRefused(String way) {
    try (RawHttp http = new RawHttp(port)) {
      Response answer = http.ask("GET", "/kv/a", way);
      for (int i = 0; i < ENOUGH && answer.status() == 404; i++) {
        answer = http.ask("GET", "/kv/a", way);
      }
      ProblemJson problem = ProblemJson.of(answer, 429, Problem.CALLER_LIMIT);
      assertThat(problem.member("detail")).contains("1 requests a second");
      assertThat(answer.header("Retry-After")).hasValue("1");
    }
  }

  @Test
  void connectionsOfAnAddressAreLimited() {
    List<RawHttp> open = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        open.add(new RawHttp(port));
        assertThat(open.getLast().ask("GET", "/actuator/health/liveness").status()).isEqualTo(200);
      }
      open.add(new RawHttp(port));
      Response refusal = open.getLast().ask("GET", "/kv/a");
      ProblemJson problem = ProblemJson.of(refusal, 429, Problem.CALLER_LIMIT);
      assertThat(problem.member("detail")).contains("20 open connections");
      assertThat(refusal.header("Connection")).hasValue("close");
    } finally {
      open.forEach(RawHttp::close);
    }
  }
}
