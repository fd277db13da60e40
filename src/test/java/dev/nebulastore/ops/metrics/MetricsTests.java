package dev.nebulastore.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.ops.Operator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The Prometheus endpoint of a server. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "server.address=127.0.0.1",
      "nebula.supervision.max-restarts=1000",
      "management.endpoint.shards.access=unrestricted"
    })
class MetricsTests {

  @LocalServerPort private int port;
  private Operator operator = new Operator(0);

  @BeforeEach
  void connect() {
    operator = new Operator(port);
  }

  @ParameterizedTest
  @CsvSource({
    "nebula_operations_seconds, histogram",
    "nebula_scans_seconds, summary",
    "nebula_scans_entries_total, counter",
    "nebula_changes_total, counter",
    "nebula_entries, gauge",
    "nebula_storage_used_bytes, gauge",
    "nebula_storage_max_bytes, gauge",
    "nebula_storage_writable, gauge",
    "nebula_storage_corruptions_total, counter",
    "nebula_mailbox_depth, gauge",
    "nebula_mailbox_capacity, gauge",
    "nebula_mailbox_rejections_total, counter",
    "nebula_shard_serving, gauge",
    "nebula_supervision_restarts_total, counter",
    "nebula_supervision_set_aside_total, counter",
    "nebula_supervision_heal_seconds, histogram",
    "nebula_shards, gauge",
    "nebula_ring_imbalance_ratio, gauge",
    "nebula_resize_remaining_ratio, gauge",
    "nebula_resize_steps_seconds, histogram",
    "nebula_resizes_total, counter",
    "nebula_watch_subscribers, gauge",
    "nebula_watch_events_total, counter",
    "nebula_watch_resets_total, counter",
    "nebula_watch_history_changes, gauge",
    "nebula_watch_history_size_bytes, gauge",
    "nebula_access_refused_total, counter",
    "nebula_audit_written_total, counter",
    "nebula_audit_lost_total, counter",
    "nebula_audit_refused_total, counter",
    "nebula_audit_waiting, gauge"
  })
  void everyMeterHasADescriptionAndAType(String name, String type) {
    assertThat(scrape().lines())
        .contains("# TYPE " + name + " " + type)
        .anyMatch(line -> line.startsWith("# HELP " + name + " "));
  }

  @Test
  void countersExistBeforeTheFirstEvent() {
    String scrape = scrape();
    for (int shard = 0; shard < 5; shard++) {
      for (String reason : List.of("died", "killed", "stuck")) {
        assertThat(value(scrape, restarts(shard, reason))).isNotNegative();
      }
      String labels = "{shard=\"%d\"}".formatted(shard);
      assertThat(value(scrape, "nebula_supervision_set_aside_total" + labels)).isZero();
      assertThat(value(scrape, "nebula_mailbox_rejections_total" + labels)).isZero();
      assertThat(value(scrape, "nebula_shard_serving" + labels)).isEqualTo(1);
    }
    assertThat(value(scrape, "nebula_watch_events_total")).isZero();
    assertThat(value(scrape, "nebula_watch_resets_total")).isZero();
    for (String kind :
        List.of(
            "token-required",
            "invalid-token",
            "insufficient-scope",
            "protected-mode",
            "host-not-allowed",
            "origin-not-allowed")) {
      assertThat(value(scrape, "nebula_access_refused_total{kind=\"%s\"}".formatted(kind)))
          .isZero();
    }
    assertThat(value(scrape, count("put", "store-full"))).isZero();
    assertThat(value(scrape, count("delete", "outcome-unknown"))).isZero();
  }

  @Test
  void operationsAreTimedByKindAndOutcome() {
    String before = scrape();
    for (String method : List.of("PUT", "PUT", "GET", "DELETE", "GET")) {
      operator.send(method, "/kv/counted", method.equals("PUT") ? "value" : "");
    }
    String after = scrape();
    for (String[] kind :
        new String[][] {
          {"put", "created"},
          {"put", "replaced"},
          {"get", "found"},
          {"delete", "deleted"},
          {"get", "absent"}
        }) {
      String series = count(kind[0], kind[1]);
      assertThat(value(after, series)).as(series).isEqualTo(value(before, series) + 1);
    }
    String bucket =
        "nebula_operations_seconds_bucket{operation=\"get\",outcome=\"found\",le=\"+Inf\"}";
    assertThat(value(after, bucket)).isEqualTo(value(after, count("get", "found")));
    for (String kind : List.of("put", "delete")) {
      String changes = "nebula_changes_total{kind=\"" + kind + "\"}";
      assertThat(value(after, changes)).isGreaterThan(value(before, changes));
    }
  }

  @Test
  void entriesUseSpaceAndFreeIt() {
    double before = value(scrape(), "nebula_storage_used_bytes{engine=\"memory\"}");
    operator.send("PUT", "/kv/room", "x".repeat(10_000));
    assertThat(value(scrape(), "nebula_storage_used_bytes{engine=\"memory\"}"))
        .isBetween(before + 10_000, before + 11_000);
    operator.send("DELETE", "/kv/room");
    assertThat(value(scrape(), "nebula_storage_used_bytes{engine=\"memory\"}")).isEqualTo(before);
  }

  @Test
  void restartsAreCountedAndTimed() {
    String before = scrape();
    String heals = "nebula_supervision_heal_seconds_count";
    operator.send("DELETE", "/actuator/shards/1");
    Operator.await()
        .untilAsserted(() -> {
          String after = scrape();
          assertThat(value(after, restarts(1, "killed")))
              .isEqualTo(value(before, restarts(1, "killed")) + 1);
          assertThat(value(after, heals)).isEqualTo(value(before, heals) + 1);
        });
  }

  @Test
  void keysAreNeverShown() {
    for (String method : List.of("PUT", "GET", "PATCH", "DELETE", "GET")) {
      operator.send(
          method,
          "/kv/confidential" + (method.equals("PATCH") ? "?ttl=1h" : ""),
          method.equals("PUT") ? "value" : "");
    }
    operator.get("/actuator/ring?key=confidential");
    assertThat(scrape()).doesNotContain("confidential");
    assertThat(operator.get("/actuator/metrics").body()).doesNotContain("confidential");
  }

  private String scrape() {
    var response = operator.get("/actuator/prometheus");
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  private static String count(String operation, String outcome) {
    return "nebula_operations_seconds_count{operation=\"%s\",outcome=\"%s\"}"
        .formatted(operation, outcome);
  }

  private static String restarts(int shard, String reason) {
    return "nebula_supervision_restarts_total{reason=\"%s\",shard=\"%d\"}".formatted(reason, shard);
  }

  private static double value(String scrape, String series) {
    Matcher line = Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(scrape);
    assertThat(line.find()).as("series %s exists", series).isTrue();
    return Double.parseDouble(line.group(1));
  }
}
