package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.audit.AuditReport;
import dev.nebulastore.audit.AuditReport.Loss;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server that serves requests even if their lines in the audit log are lost. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.audit.enabled=true",
      "nebula.audit.writes=true",
      "nebula.audit.queue=256"
    })
class AuditDropsTests {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final int port;
  private final AuditReport report;
  private final HeldAppender appender = new HeldAppender();

  AuditDropsTests(@LocalServerPort int port, AuditReport report) {
    this.port = port;
    this.report = report;
  }

  @AfterEach
  void detach() {
    appender.letGo();
    await().atMost(SOON).until(() -> report.waiting() == 0);
    appender.close();
  }

  @Test
  void requestsAreServedWhileTheAppenderWaits() {
    appender.hold();
    long lost = report.lost(Loss.FULL);
    try (RawHttp http = new RawHttp(port)) {
      http.ask("PUT", "/kv/audit-drops", RawHttp.bytes("0"));
      appender.awaitHeld();
      for (int i = 1; i < 400; i++) {
        String way = i % 2 == 0 ? "Accept: */*" : "X-Not-Fast: 1";
        assertThat(http.ask("PUT", "/kv/audit-drops", RawHttp.bytes("" + i), way).status())
            .isEqualTo(204);
      }
      assertThat(report.lost(Loss.FULL) - lost).isEqualTo(144);
      assertThat(http.ask("GET", "/actuator/prometheus").text())
          .contains("nebula_audit_lost_total{reason=\"full\"} " + (double) report.lost(Loss.FULL))
          .contains("nebula_audit_waiting ");
    }
    appender.letGo();
    await().atMost(SOON).until(() -> appender.lines.size() == 256);
  }

  @Test
  void errorInTheAppenderEndsNoRequestAndNotTheLog() {
    long failed = report.lost(Loss.FAILED);
    appender.failWith(new LinkageError("planted"));
    try (RawHttp http = new RawHttp(port)) {
      for (int i = 0; i < 3; i++) {
        assertThat(http.ask("PUT", "/kv/audit-error", RawHttp.bytes("v")).status()).isIn(201, 204);
      }
      await().atMost(SOON).until(() -> report.lost(Loss.FAILED) == failed + 3);
      appender.failWith(null);
      http.ask("DELETE", "/kv/audit-error");
      await().atMost(SOON).until(() -> appender.lines.size() == 1);
      assertThat(appender.lines.getFirst()).contains("\"event\":\"write\"", "\"status\":204");
    }
  }
}
