package dev.nebulastore.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.audit.AuditEvent.Administered;
import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Refused;
import dev.nebulastore.audit.AuditEvent.Reloaded;
import dev.nebulastore.audit.AuditEvent.Written;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lines of the audit log. */
class AuditJsonTests {

  private static final Instant TIME = Instant.parse("2026-11-30T18:00:00.123456Z");
  private static final Origin ORIGIN = new Origin("ci", "192.0.2.7", "PUT", "/kv/");
  private static final String START =
      "{\"time\":\"2026-11-30T18:00:00.123456Z\",\"event\":\"%s\",\"caller\":\"ci\","
          + "\"peer\":\"192.0.2.7\",\"method\":\"PUT\",\"path\":\"/kv/\",";

  private static String line(AuditEvent event) {
    return AuditJson.line(TIME, event);
  }

  @Test
  void refusalsTellTheirKindAndKey() {
    assertThat(line(new Refused(ORIGIN, "5a", "insufficient-scope", 403)))
        .isEqualTo(
            START.formatted("refused")
                + "\"key\":\"5a\",\"kind\":\"insufficient-scope\",\"status\":403}");
    assertThat(line(new Refused(ORIGIN, null, "token-required", 401)))
        .isEqualTo(START.formatted("refused") + "\"kind\":\"token-required\",\"status\":401}");
  }

  @Test
  void actsTellTheirStatus() {
    assertThat(line(new Administered(ORIGIN, null, 202)))
        .isEqualTo(START.formatted("admin") + "\"status\":202}");
    assertThat(line(new Administered(ORIGIN, "5a", 200)))
        .isEqualTo(START.formatted("admin") + "\"prefix\":\"5a\",\"status\":200}");
  }

  @Test
  void writesTellTheirKeyAndStatus() {
    assertThat(line(new Written(ORIGIN, "5a", "put", 201)))
        .isEqualTo(
            START.formatted("write") + "\"key\":\"5a\",\"operation\":\"put\",\"status\":201}");
    assertThat(line(new Written(ORIGIN, "5a", "put", null)))
        .isEqualTo(START.formatted("write") + "\"key\":\"5a\",\"operation\":\"put\"}");
  }

  @Test
  void reloadsTellTheirReason() {
    assertThat(line(new Reloaded(3, null)))
        .isEqualTo(
            "{\"time\":\"2026-11-30T18:00:00.123456Z\",\"event\":\"reload\",\"kind\":\"loaded\","
                + "\"tokens\":3}");
    assertThat(line(new Reloaded(0, "It is empty.")))
        .isEqualTo(
            "{\"time\":\"2026-11-30T18:00:00.123456Z\",\"event\":\"reload\",\"kind\":\"refused\","
                + "\"reason\":\"It is empty.\"}");
  }

  /** Whatever ends a line for some reader. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n",
        "\r\n",
        "\u0000",
        "\u001b[2J",
        "\"}\n{\"event\":\"write",
        "\\",
        "\u0085",
        "\u2028",
        "\u00e9",
        "\ud83d\ude00"
      })
  void nothingBeginsALineOfItsOwn(String text) {
    Origin origin = new Origin(text, text, text, text);
    String line = line(new Refused(origin, text, text, 403));
    assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    JsonNode read = new JsonMapper().readTree(line);
    assertThat(read.path("event").asString()).isEqualTo("refused");
    for (String name : new String[] {"caller", "peer", "method", "path", "key", "kind"}) {
      assertThat(read.path(name).asString()).isEqualTo(text);
    }
  }

  /** The first bytes are those of the SHA-256 of "abc" in FIPS 180-2, appendix B.1. */
  @Test
  void keysAreHashed() {
    assertThat(KeyHash.of(new byte[] {'a', 'b', 'c'}))
        .startsWith("ba7816bf8f01cfea414140de5dae2223")
        .hasSize(64);
  }
}
