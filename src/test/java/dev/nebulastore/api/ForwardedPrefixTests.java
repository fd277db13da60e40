package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server behind a proxy that shows it as https://store.example/base. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.security.mode=open",
      "nebula.audit.writes=true",
      "server.forward-headers-strategy=framework"
    })
class ForwardedPrefixTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String[] FORWARDED = {
    "X-Forwarded-Prefix: /base",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: store.example",
    "X-Forwarded-For: 192.0.2.7"
  };

  private static final AuditLines AUDIT = AuditLines.make();

  private final RawHttp http;

  ForwardedPrefixTests(@LocalServerPort int port) {
    this.http = new RawHttp(port);
  }

  @DynamicPropertySource
  static void audit(DynamicPropertyRegistry registry) {
    registry.add("nebula.audit.file", () -> AUDIT.file().toString());
  }

  @AfterEach
  void hangUp() {
    http.close();
  }

  private Response ask(String method, String target) {
    return http.ask(method, target, FORWARDED);
  }

  private Response send(String method, String target, String body, String type) {
    String[] headers = {FORWARDED[0], FORWARDED[1], FORWARDED[2], "Content-Type: " + type};
    return http.ask(method, target, RawHttp.bytes(body), headers);
  }

  private static JsonNode isProblem(Response answer, int status, Problem problem, String path) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    return isProblem(JSON.readTree(answer.body()), problem, path);
  }

  private static JsonNode isProblem(JsonNode members, Problem problem, String path) {
    assertThat(members.path("type").asString()).isEqualTo("/base/problems/" + problem.code());
    assertThat(members.path("instance").asString()).isEqualTo("/base" + path);
    return members;
  }

  /** Spring's filter merges slashes, but what it shows is no key. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "a//b", "%2Fa", "a%2520b", "a;b=c", "+", "//"})
  void keysAreServedUnchanged(String name) {
    String target = "/kv/prefixed/" + name;
    http.ask("DELETE", "/keys?prefix=prefixed/");
    assertThat(send("PUT", target, "v", "a/b").status()).isEqualTo(201);
    assertThat(http.ask("GET", target).text()).isEqualTo("v");
    assertThat(ask("GET", target).text()).isEqualTo("v");
    assertThat(ask("DELETE", target).status()).isEqualTo(204);
    isProblem(ask("GET", target), 404, Problem.KEY_NOT_FOUND, target);
  }

  @Test
  void operationsOnManyKeysAreServed() {
    String batch = "{\"op\":\"put\",\"key\":\"many/a\",\"value\":\"v\"}\n{\"op\":\"get\"}\n";
    JsonNode refused =
        JSON.readTree(
            send("POST", "/batch", batch, "application/x-ndjson").text().split("\n", -1)[1]);
    isProblem(refused.path("problem"), Problem.INVALID_JSON, "/batch");
    String txn = "{\"then\":[{\"op\":\"get\",\"key\":\"many/none\"}]}";
    JsonNode results = JSON.readTree(send("POST", "/txn", txn, "application/json").body());
    isProblem(results.path("results").path(0).path("problem"), Problem.KEY_NOT_FOUND, "/txn");
    assertThat(ask("GET", "/keys?prefix=many/").text()).contains("\"many/a\"");
    isProblem(ask("POST", "/keys"), 405, Problem.METHOD_NOT_ALLOWED, "/keys");
    isProblem(ask("GET", "/watch"), 400, Problem.INVALID_PARAMETER, "/watch");
    assertThat(ask("DELETE", "/keys?prefix=many/").text()).isEqualTo("{\"deleted\":1}");
  }

  @Test
  void linksBeginWithThePrefix() {
    http.ask("PUT", "/kv/links/a", RawHttp.bytes("v"));
    http.ask("PUT", "/kv/links/b", RawHttp.bytes("v"));
    String head = RawHttp.head("GET", "/keys?prefix=links/&limit=1", FORWARDED);
    Response page = http.send(RawHttp.bytes(head + "\r\n")).answerTo("GET");
    assertThat(page.header("Link").orElse("")).startsWith("</base/keys?prefix=links%2F&limit=1&");
  }

  @Test
  void redirectsAreRelative() {
    assertThat(ask("GET", "/").header("Location")).hasValue("/base/swagger-ui.html");
    assertThat(http.ask("GET", "/").header("Location")).hasValue("/swagger-ui.html");
    assertThat(ask("GET", "/swagger-ui.html").header("Location"))
        .hasValue("/base/swagger-ui/index.html");
  }

  @Test
  void swaggerUiKnowsThePrefix() {
    assertThat(ask("GET", "/swagger-ui/swagger-initializer.js").text())
        .contains("\"/base/v3/api-docs/swagger-config\"");
    assertThat(ask("GET", "/v3/api-docs/swagger-config").text())
        .contains("\"url\":\"/base/v3/api-docs\"");
    assertThat(JSON.readTree(ask("GET", "/v3/api-docs").body()).at("/servers/0/url").asString())
        .isEqualTo("/base");
    assertThat(ask("GET", "/v3/api-docs.yaml").text()).contains("servers:\n- url: \"/base\"\n");
    assertThat(
            JSON.readTree(http.ask("GET", "/v3/api-docs").body()).at("/servers/0/url").asString())
        .isEqualTo("/");
    assertThat(http.ask("GET", "/swagger-ui/swagger-initializer.js").text())
        .contains("\"/v3/api-docs/swagger-config\"");
  }

  @Test
  void actuatorLinksToWhatClientsReach() {
    JsonNode links = JSON.readTree(ask("GET", "/actuator").body()).path("_links");
    assertThat(links.at("/health/href").asString())
        .isEqualTo("https://store.example/base/actuator/health");
  }

  @Test
  void problemsBeforeAHandlerHaveThePrefix() {
    isProblem(ask("GET", "/nothing"), 404, Problem.NOT_FOUND, "/nothing");
    isProblem(ask("GET", "/actuator;x/health"), 404, Problem.NOT_FOUND, "/actuator;x/health");
    isProblem(ask("GET", "//x"), 404, Problem.NOT_FOUND, "//x");
    String origin = "Origin: https://evil.example";
    isProblem(
        http.ask("DELETE", "/kv/x", FORWARDED[0], FORWARDED[2], origin),
        403,
        Problem.ORIGIN_NOT_ALLOWED,
        "/kv/x");
    String own = "Origin: https://store.example";
    assertThat(http.ask("DELETE", "/kv/x", FORWARDED[0], FORWARDED[1], FORWARDED[2], own).status())
        .isEqualTo(204);
  }

  /** With and without a header that keeps a request from the fast path. */
  @ParameterizedTest
  @ValueSource(strings = {"Accept: */*", "X-Any: 1"})
  void addressOfTheClientIsRecorded(String header) {
    String key = "recorded/" + header.length();
    http.ask("PUT", "/kv/" + key, RawHttp.bytes("v"), "X-Forwarded-For: 192.0.2.7", header);
    await()
        .until(() ->
            AUDIT
                .text()
                .lines()
                .anyMatch(line ->
                    line.contains("\"peer\":\"192.0.2.7\"")
                        && line.contains(AuditLines.hash(key))));
  }

  @ParameterizedTest
  @CsvSource({"//evil.example", "/a/../b", "base", "/a%2Fb", "/a b"})
  void prefixThatIsNoPathIsRefused(String prefix) {
    for (String path : new String[] {"/kv/a", "/", "/keys"}) {
      Response refusal = http.ask("GET", path, "X-Forwarded-Prefix: " + prefix);
      ProblemJson.of(refusal, 400, Problem.INVALID_REQUEST);
    }
  }
}
