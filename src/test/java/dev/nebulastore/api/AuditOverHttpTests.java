package dev.nebulastore.api;

import static dev.nebulastore.api.AuditLines.hash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.http.Admission;
import dev.nebulastore.security.AccessDenied.Kind;
import dev.nebulastore.security.Refusals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The audit log of a server that asks for tokens and records writes. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.audit.writes=true",
      "management.endpoint.shards.access=unrestricted",
      "nebula.supervision.max-restarts=1000"
    })
class AuditOverHttpTests {

  /** The first goes by the fast path, the second by Tomcat. */
  private static final List<String> BOTH_WAYS = List.of("Accept: */*", "X-Not-Fast: 1");

  private static final TestTokens TOKENS =
      TestTokens.make()
          .with("all", "roles=read,write,metrics,admin")
          .with("app", "roles=read,write prefix=audit/")
          .with("reader", "roles=read");

  private static final AuditLines AUDIT = AuditLines.make();

  private final int port;
  private final Admission admission;
  private final Refusals refusals;

  AuditOverHttpTests(@LocalServerPort int port, Admission admission, Refusals refusals) {
    this.port = port;
    this.admission = admission;
    this.refusals = refusals;
  }

  @DynamicPropertySource
  static void files(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
    registry.add("nebula.audit.file", () -> AUDIT.file().toString());
  }

  private Response ask(String id, String method, String target, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, with(id, headers));
    }
  }

  private Response send(String id, String method, String target, String body, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, RawHttp.bytes(body), with(id, headers));
    }
  }

  private static String[] with(String id, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add(TestTokens.header(id));
    return all.toArray(String[]::new);
  }

  /** What was recorded while something was done; at least so many lines. */
  private List<String> during(int lines, Runnable act) {
    return AUDIT.during(
        lines,
        act,
        () -> {
          try (RawHttp http = new RawHttp(port)) {
            assertThat(http.ask("GET", "/last").status()).isEqualTo(401);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /kv/audit%2Frefused",
    "PUT, /kv/audit%2Frefused",
    "DELETE, /kv/audit/refused",
    "HEAD, /kv/audit/refused"
  })
  void refusedRequestsHaveOneLineByBothWays(String method, String target) {
    for (String way : BOTH_WAYS) {
      long required = refusals.count(Kind.TOKEN_REQUIRED);
      long invalid = refusals.count(Kind.INVALID_TOKEN);
      long denied = refusals.count(Kind.INSUFFICIENT_SCOPE);
      List<String> lines =
          during(
              3,
              () -> {
                try (RawHttp http = new RawHttp(port)) {
                  byte[] body = RawHttp.bytes(method.equals("PUT") ? "value" : "");
                  assertThat(http.ask(method, target, body, way).status()).isEqualTo(401);
                }
                assertThat(send("unknown", method, target, "", way).status()).isEqualTo(401);
                assertThat(send("app", method, "/kv/other", "", way).status()).isEqualTo(403);
              });
      String key = hash("audit/refused");
      assertThat(lines)
          .containsExactly(
              "refused : " + method + " /kv/ " + key + " token-required 401",
              "refused : " + method + " /kv/ " + key + " invalid-token 401",
              "refused app: " + method + " /kv/ " + hash("other") + " insufficient-scope 403");
      // Two others were those of the marks.
      assertThat(refusals.count(Kind.TOKEN_REQUIRED)).isEqualTo(required + 3);
      assertThat(refusals.count(Kind.INVALID_TOKEN)).isEqualTo(invalid + 1);
      assertThat(refusals.count(Kind.INSUFFICIENT_SCOPE)).isEqualTo(denied + 1);
    }
  }

  @Test
  void refusalsOfOtherEndpointsTellTheirPath() {
    List<String> lines =
        during(
            6,
            () -> {
              ask("app", "GET", "/keys?prefix=confidential");
              ask("app", "GET", "/watch?key=confidential");
              ask("app", "DELETE", "/keys?prefix=confidential");
              ask("reader", "GET", "/actuator/shards");
              ask("reader", "DELETE", "/actuator/shards/0");
              send(
                  "reader",
                  "POST",
                  "/txn",
                  "{\"then\":[{\"op\":\"delete\",\"key\":\"confidential\"}]}",
                  "Content-Type: application/json");
            });
    assertThat(lines)
        .containsExactly(
            "refused app: GET /keys insufficient-scope 403",
            "refused app: GET /watch insufficient-scope 403",
            "refused app: DELETE /keys insufficient-scope 403",
            "refused reader: GET /actuator/shards insufficient-scope 403",
            "refused reader: DELETE /actuator/shards/0 insufficient-scope 403",
            "refused reader: POST /txn insufficient-scope 403");
  }

  @Test
  void actsOfAdministratorsHaveALine() {
    List<String> lines =
        during(
            3,
            () -> {
              assertThat(ask("all", "DELETE", "/actuator/shards/1").status()).isEqualTo(202);
              assertThat(ask("all", "DELETE", "/actuator/shards/99").status()).isEqualTo(404);
              send("all", "POST", "/actuator/shards", "{}", "Content-Type: application/json");
              assertThat(ask("all", "GET", "/actuator/shards").status()).isEqualTo(200);
              assertThat(ask("all", "HEAD", "/actuator/ring").status()).isEqualTo(200);
              assertThat(ask("all", "GET", "/actuator/health").status()).isEqualTo(200);
            });
    assertThat(lines)
        .containsExactly(
            "admin all: DELETE /actuator/shards/1 202",
            "admin all: DELETE /actuator/shards/99 404",
            "admin all: POST /actuator/shards 400");
  }

  @Test
  void changesByPrefixHaveALine() {
    assertThat(send("app", "PUT", "/kv/audit/del/1", "v").status()).isEqualTo(201);
    List<String> lines =
        during(
            2,
            () -> {
              assertThat(ask("app", "PATCH", "/keys?prefix=audit/del/&ttl=1h").text())
                  .isEqualTo("{\"touched\":1}");
              assertThat(ask("app", "DELETE", "/keys?prefix=audit/del/").text())
                  .isEqualTo("{\"deleted\":1}");
              assertThat(ask("app", "DELETE", "/keys?prefix=audit/&x=1").status()).isEqualTo(400);
            });
    assertThat(lines)
        .containsExactly(
            "admin app: PATCH /keys " + hash("audit/del/") + " 200",
            "admin app: DELETE /keys " + hash("audit/del/") + " 200");
  }

  @Test
  void writesHaveALineByBothWays() {
    for (String way : BOTH_WAYS) {
      String name = "audit/written/" + BOTH_WAYS.indexOf(way);
      String target = "/kv/" + name;
      long fast = admission.fast();
      List<String> lines =
          during(
              7,
              () -> {
                assertThat(send("app", "PUT", target, "v", way).status()).isEqualTo(201);
                assertThat(send("app", "PUT", target, "w", way).status()).isEqualTo(204);
                assertThat(ask("app", "GET", target, way).status()).isEqualTo(200);
                assertThat(send("app", "PUT", target, "x", way, "If-None-Match: *").status())
                    .isEqualTo(412);
                assertThat(ask("app", "PATCH", target + "?ttl=none", way).status()).isEqualTo(204);
                assertThat(send("app", "PUT", target + "?ttl=no", "x", way).status())
                    .isEqualTo(400);
                assertThat(ask("app", "DELETE", target, way).status()).isEqualTo(204);
                assertThat(ask("app", "POST", target + "?add=1", way).status()).isEqualTo(201);
                assertThat(ask("app", "POST", target + "?add=1", way).status()).isEqualTo(200);
              });
      String key = hash(name);
      assertThat(lines)
          .containsExactly(
              "write app: PUT /kv/ " + key + " put 201",
              "write app: PUT /kv/ " + key + " put 204",
              "write app: PUT /kv/ " + key + " put 412",
              "write app: PATCH /kv/ " + key + " touch 204",
              "write app: DELETE /kv/ " + key + " delete 204",
              "write app: POST /kv/ " + key + " add 201",
              "write app: POST /kv/ " + key + " add 200");
      assertThat(admission.fast() - fast).isEqualTo(way.equals(BOTH_WAYS.getFirst()) ? 5 : 0);
    }
  }

  @Test
  void operationsOfBatchesHaveALineEach() {
    String batch =
        """
        {"op":"put","key":"audit/batch/1","value":"v"}
        {"op":"get","key":"audit/batch/1"}
        {"op":"put","key":"other/batch","value":"v"}
        {"op":"delete","key":"audit/batch/1","ifMatch":"\\"none\\""}
        {"op":"delete","key":"audit/batch/1"}
        {"op":"nonsense"}
        """;
    List<String> lines =
        during(4, () -> send("app", "POST", "/batch", batch, "Content-Type: application/x-ndjson"));
    String key = hash("audit/batch/1");
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "write app: POST /batch " + key + " put 201",
            "refused app: POST /batch " + hash("other/batch") + " insufficient-scope 403",
            "write app: POST /batch " + key + " delete 412",
            "write app: POST /batch " + key + " delete 204");
  }

  @Test
  void transactionsHaveALineForEachKeyTheyWrite() {
    String transaction =
        """
        {"if":[{"key":"audit/txn/0","exists":EXISTS}],
         "then":[{"op":"put","key":"audit/txn/1","value":"v"},
                 {"op":"get","key":"audit/txn/0"},
                 {"op":"put","key":"audit/txn/1","value":"w"},
                 {"op":"delete","key":"audit/txn/2"}],
         "else":[{"op":"put","key":"audit/txn/3","value":"v","ifMatch":"\\"none\\""}]}
        """;
    List<String> lines =
        during(
            3,
            () -> {
              for (String exists : new String[] {"false", "true"}) {
                send(
                    "app",
                    "POST",
                    "/txn",
                    transaction.replace("EXISTS", exists),
                    "Content-Type: application/json");
              }
            });
    assertThat(lines)
        .containsExactly(
            "write app: POST /txn " + hash("audit/txn/1") + " transaction 200",
            "write app: POST /txn " + hash("audit/txn/2") + " transaction 200",
            "write app: POST /txn " + hash("audit/txn/3") + " transaction 409");
  }

  @Test
  void reloadsHaveALine() {
    TOKENS.with("audit-new", "roles=read");
    await().atMost(Duration.ofSeconds(30)).until(() -> AUDIT.text().contains("\"tokens\":4"));
    TOKENS.replace("not a line of tokens");
    String refused = "\"event\":\"reload\",\"kind\":\"refused\",\"reason\":\"The tokens file has";
    await().atMost(Duration.ofSeconds(30)).until(() -> AUDIT.text().contains(refused));
    TOKENS.without("audit-new");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> AUDIT.text().contains("\"kind\":\"loaded\",\"tokens\":3"));
  }

  /** Whatever a client can put into a line: its key, method, path, query, token and value. */
  @Test
  void nothingSecretAndNoLineOfAClientsOwn() {
    String token = TestTokens.of("all");
    List<String> lines =
        during(
            5,
            () -> {
              for (String request :
                  new String[] {
                    "GET /kv/confidential%0a%22%7d HTTP/1.1",
                    "GET /" + token + " HTTP/1.1",
                    "GET /x'y HTTP/1.1",
                    "GET /keys?prefix=confidential&access_token=" + token + " HTTP/1.1",
                    "NST_ALL! /none HTTP/1.1"
                  }) {
                try (RawHttp http = new RawHttp(port)) {
                  http.send(RawHttp.bytes(request + "\r\nHost: localhost\r\n\r\n"));
                  assertThat(http.answerTo("GET").status()).as(request).isEqualTo(401);
                }
              }
              send("app", "PUT", "/kv/audit/confidential", "confidential");
            });
    assertThat(lines)
        .startsWith(
            "refused : GET /kv/ token-required 401", "refused : GET /... token-required 401")
        .contains(
            "refused : GET /keys token-required 401", "refused : other /none token-required 401");
    assertThat(AUDIT.text())
        .matches("(?s)[ -~\n]*")
        .doesNotContain("confidential", "nst_", "NST_", "AAAA", "access_token");
    assertThat(AUDIT.text().lines()).allMatch(line -> line.matches("\\{\"time\":\"20.*}"));
    assertThat(AUDIT.text()).contains("\"peer\":\"127.0.0.1\"");
  }
}
