package dev.nebulastore.api;

import static dev.nebulastore.api.AuditLines.hash;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.security.AccessDenied.Kind;
import dev.nebulastore.security.Refusals;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The audit log of a server in the mode protected, which does not record writes. */
@ServerTest
@TestPropertySource(properties = "management.endpoint.shards.access=unrestricted")
class AuditInProtectedModeTests {

  private static final AuditLines AUDIT = AuditLines.make();

  private final int port;
  private final Refusals refusals;

  AuditInProtectedModeTests(@LocalServerPort int port, Refusals refusals) {
    this.port = port;
    this.refusals = refusals;
  }

  @DynamicPropertySource
  static void files(DynamicPropertyRegistry registry) {
    registry.add("nebula.audit.file", () -> AUDIT.file().toString());
  }

  private Response ask(String method, String target, String host, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      String head = RawHttp.head(method, target, headers).replace("localhost", host) + "\r\n";
      return http.send(RawHttp.bytes(head)).answerTo(method);
    }
  }

  private List<String> during(int lines, Runnable act) {
    return AUDIT.during(lines, act, () -> ask("GET", "/last", "localhost", "Via: 1.1 proxy"));
  }

  @Test
  void allKindsOfRefusalsHaveALine() {
    Map<Kind, Long> before = counts();
    for (String way : new String[] {"Accept: */*", "X-Not-Fast: 1"}) {
      List<String> lines =
          during(
              3,
              () -> {
                ask("GET", "/kv/protected", "evil.example", way);
                ask("GET", "/kv/protected", "localhost", way, "X-Forwarded-For: 192.0.2.1");
                ask("DELETE", "/kv/protected", "localhost", way, "Origin: http://evil.example");
              });
      String key = hash("protected");
      assertThat(lines)
          .containsExactly(
              "refused : GET /kv/ " + key + " host-not-allowed 403",
              "refused : GET /kv/ " + key + " protected-mode 403",
              "refused : DELETE /kv/ " + key + " origin-not-allowed 403");
    }
    Map<Kind, Long> after = counts();
    before.merge(Kind.HOST_NOT_ALLOWED, 2L, Long::sum);
    before.merge(Kind.ORIGIN_NOT_ALLOWED, 2L, Long::sum);
    // Four are those of the marks.
    before.merge(Kind.PROTECTED_MODE, 6L, Long::sum);
    assertThat(after).isEqualTo(before);
  }

  private Map<Kind, Long> counts() {
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      counts.put(kind, refusals.count(kind));
    }
    return counts;
  }

  @Test
  void writesHaveNoLineByDefaultAndActsDo() {
    List<String> lines =
        during(
            2,
            () -> {
              ask("DELETE", "/kv/protected", "localhost");
              ask("DELETE", "/kv/protected", "localhost", "X-Not-Fast: 1");
              ask("DELETE", "/actuator/shards/0", "localhost");
              ask("DELETE", "/keys?prefix=audit-none", "localhost");
            });
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "admin : DELETE /actuator/shards/0 202",
            "admin : DELETE /keys " + hash("audit-none") + " 200");
  }
}
