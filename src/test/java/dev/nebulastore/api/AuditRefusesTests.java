package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.audit.AuditReport;
import dev.nebulastore.audit.AuditReport.Loss;
import dev.nebulastore.http.Admission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server that does nothing without a line in its audit log, which can't be written now. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.audit.enabled=true",
      "nebula.audit.writes=true",
      "nebula.audit.queue=256",
      "nebula.audit.when-full=refuse",
      "management.endpoint.shards.access=unrestricted"
    })
class AuditRefusesTests {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int QUEUE = 256;
  private static final List<String> BOTH_WAYS = List.of("Accept: */*", "X-Not-Fast: 1");
  private static final TestTokens TOKENS =
      TestTokens.make().with("all", "roles=read,write,metrics,admin");

  private final int port;
  private final AuditReport report;
  private final Admission admission;
  private final HeldAppender appender = new HeldAppender();

  AuditRefusesTests(@LocalServerPort int port, AuditReport report, Admission admission) {
    this.port = port;
    this.report = report;
    this.admission = admission;
  }

  @DynamicPropertySource
  static void files(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  @AfterEach
  void detach() {
    appender.letGo();
    await().atMost(SOON).until(() -> report.waiting() == 0);
    appender.close();
  }

  private Response send(String method, String target, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add(TestTokens.header("all"));
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, RawHttp.bytes(body), all.toArray(String[]::new));
    }
  }

  private Response withoutToken() {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("GET", "/none");
    }
  }

  /** Fills the queue with refusals. */
  private void fill() {
    appender.hold();
    assertThat(withoutToken().status()).isEqualTo(401);
    appender.awaitHeld();
    for (int i = 1; i < QUEUE; i++) {
      assertThat(withoutToken().status()).isEqualTo(401);
    }
  }

  private static void isRefused(Response answer) {
    ProblemJson.of(answer, 503, Problem.OVERLOADED);
    assertThat(answer.text()).contains("nebula.audit.queue");
    assertThat(answer.header("Retry-After")).isPresent();
  }

  @Test
  void nothingHappensWithoutItsLine() {
    long written = report.written();
    for (String way : BOTH_WAYS) {
      assertThat(send("PUT", "/kv/audit-full", "before", way).status()).isIn(201, 204);
    }
    await().atMost(SOON).until(() -> report.written() >= written + 2 && report.waiting() == 0);
    fill();
    long refused = report.refused();
    long fast = admission.fast();
    for (String way : BOTH_WAYS) {
      isRefused(send("PUT", "/kv/audit-full", "after", way));
      isRefused(send("DELETE", "/kv/audit-full", "", way));
      isRefused(send("PATCH", "/kv/audit-full?ttl=1s", "", way));
      assertThat(send("GET", "/kv/audit-full", "", way).text()).isEqualTo("before");
    }
    assertThat(admission.fast() - fast).isEqualTo(3);
    isRefused(send("DELETE", "/keys?prefix=audit-full", ""));
    isRefused(
        send(
            "POST",
            "/txn",
            "{\"then\":[{\"op\":\"delete\",\"key\":\"audit-full\"}]}",
            "Content-Type: application/json"));
    isRefused(send("DELETE", "/actuator/shards/0", ""));
    isRefused(withoutToken());
    String lines =
        """
        {"op":"delete","key":"audit-full"}
        {"op":"get","key":"audit-full"}
        """;
    assertThat(send("POST", "/batch", lines, "Content-Type: application/x-ndjson").text().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("\"status\":503", "nebula.audit.queue"),
            line -> assertThat(line).contains("\"status\":200", "before"));
    assertThat(report.refused() - refused).isEqualTo(11);
    assertThat(send("GET", "/actuator/health", "").status()).isEqualTo(200);

    appender.letGo();
    await().atMost(SOON).until(() -> report.waiting() == 0);
    await()
        .atMost(SOON)
        .until(() -> send("DELETE", "/kv/audit-full", "", BOTH_WAYS.getFirst()).status() == 204);
    assertThat(report.lost(Loss.FULL) + report.lost(Loss.FAILED)).isZero();
  }

  @Test
  void lineThatCannotBeWrittenIsTriedUntilItIs() {
    appender.failWith(new OutOfMemoryError("planted"));
    assertThat(withoutToken().status()).isEqualTo(401);
    await()
        .atMost(SOON)
        .until(() -> send("GET", "/actuator/health", "").text().contains("DEGRADED"));
    assertThat(send("GET", "/actuator/health", "").text()).contains("java.lang.OutOfMemoryError");
    appender.failWith(null);
    await().atMost(SOON).until(() -> appender.lines.stream().anyMatch(l -> l.contains("/none")));
    await()
        .atMost(SOON)
        .until(() -> !send("GET", "/actuator/health", "").text().contains("DEGRADED"));
    assertThat(report.lost(Loss.FAILED)).isZero();
  }
}
