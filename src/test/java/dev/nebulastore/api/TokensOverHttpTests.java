package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.util.Arrays;
import org.apache.tomcat.util.buf.StringCache;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server that asks for tokens. */
@ServerTest
@TestPropertySource(properties = "nebula.watch.heartbeat=1s")
class TokensOverHttpTests {

  private static final Duration SOON = Duration.ofSeconds(30);

  private static final TestTokens TOKENS =
      TestTokens.make()
          .with("all", "roles=read,write,metrics,admin")
          .with("reader", "roles=read")
          .with("writer", "roles=write")
          .with("metrics", "roles=metrics")
          .with("admin", "roles=admin")
          .with("app", "roles=read,write prefix=app/ prefix=%C3%A9")
          .with("other", "roles=read,write prefix=app/")
          .with("revoked", "roles=read,write")
          .with("old", "roles=read,write expires=2020-01-01T00:00:00Z");

  private final int port;
  private final Admission admission;
  private final WatchHub hub;

  TokensOverHttpTests(@LocalServerPort int port, Admission admission, WatchHub hub) {
    this.port = port;
    this.admission = admission;
    this.hub = hub;
  }

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry registry) {
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  @BeforeEach
  void nothingIsServed() {
    await().atMost(SOON).until(() -> admission.requests() == 0 && hub.subscribers() == 0);
  }

  private Response ask(String id, String method, String target, String... headers) {
    String[] all = Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = TestTokens.header(id);
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, all);
    }
  }

  private Response send(String id, String method, String target, String body, String type) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(
          method, target, RawHttp.bytes(body), TestTokens.header(id), "Content-Type: " + type);
    }
  }

  private Response put(String id, String key) {
    return send(id, "PUT", "/kv/" + key, "v", "text/plain");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/kv/a", "/keys", "/watch?prefix=", "/actuator", "/v3/api-docs", "/none"})
  void requestsWithoutTokenGet401(String path) {
    try (RawHttp http = new RawHttp(port)) {
      Response refusal = http.ask("GET", path);
      ProblemJson.of(refusal, 401, Problem.TOKEN_REQUIRED);
      assertThat(refusal.header("WWW-Authenticate")).hasValue("Bearer realm=\"nebula\"");
      assertThat(refusal.header("Cache-Control")).hasValue("no-store");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer nst_all_wrong",
        "Bearer nst_nobody_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer ",
        "Bearer",
        "Basic YWxsOmFsbA==",
        "nst_all",
        "Bearer \u00e9",
        ""
      })
  void wrongTokensGet401(String authorization) {
    try (RawHttp http = new RawHttp(port)) {
      for (String more : new String[] {"Accept: */*", "X-Not-Fast: 1"}) {
        Response refusal = http.ask("GET", "/kv/a", "Authorization: " + authorization, more);
        ProblemJson.of(refusal, 401, Problem.INVALID_TOKEN);
        assertThat(refusal.header("WWW-Authenticate"))
            .hasValue("Bearer realm=\"nebula\", error=\"invalid_token\"");
      }
    }
  }

  @Test
  void twoTokensAreNone() {
    ProblemJson.of(
        ask("all", "GET", "/kv/a", TestTokens.header("all")), 401, Problem.INVALID_TOKEN);
  }

  @Test
  void expiredTokenGets401() {
    ProblemJson.of(ask("old", "GET", "/kv/a"), 401, Problem.INVALID_TOKEN);
  }

  @Test
  void tokensInUrlsAreRefused() {
    String query = "?access_token=" + TestTokens.of("all");
    try (RawHttp http = new RawHttp(port)) {
      ProblemJson.of(http.ask("GET", "/kv/a" + query), 401, Problem.TOKEN_REQUIRED);
      ProblemJson.of(http.ask("GET", "/watch" + query + "&prefix="), 401, Problem.TOKEN_REQUIRED);
    }
    ProblemJson.of(ask("all", "GET", "/kv/a" + query), 400, Problem.INVALID_PARAMETER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer secret-]word\0",
        "Authorization Bearer secret-]word",
        "Authori zation: Bearer secret-]word",
        "secret-]word"
      })
  void malformedHeadersAreNotQuoted(String header) {
    try (RawHttp http = new RawHttp(port)) {
      Response refusal = http.ask("GET", "/kv/a", header);
      assertThat(refusal.status()).isEqualTo(400);
      assertThat(refusal.text()).contains("header").doesNotContain("word");
    }
  }

  /** It would keep the headers that are sent most often. */
  @Test
  void tomcatCachesNoHeaders() {
    assertThat(new StringCache().getByteEnabled()).isFalse();
  }

  @Test
  void validTokensTakeTheFastPath() {
    long before = admission.fast();
    assertThat(put("all", "fast-token").status()).isIn(201, 204);
    assertThat(admission.fast()).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /kv/roles, reader",
    "HEAD, /kv/roles, reader",
    "PUT, /kv/roles, writer",
    "PATCH, /kv/roles?ttl=none, writer",
    "POST, /kv/roles?add=1, nobody",
    "DELETE, /kv/roles-none, writer",
    "GET, /keys?prefix=roles, reader",
    "GET, /keys?prefix=roles&values=true, reader",
    "HEAD, /keys?prefix=roles&values=true, reader",
    "GET, /keys?prefix=roles&count=true, reader",
    "DELETE, /keys?prefix=roles-none, writer",
    "PATCH, /keys?prefix=roles-none&ttl=1h, writer",
    "GET, /v3/api-docs, reader",
    "GET, /actuator/health, metrics",
    "GET, /actuator/prometheus, metrics",
    "GET, /actuator/metrics, metrics",
    "GET, /actuator/info, metrics",
    "GET, /actuator/shards, admin",
    "GET, /actuator/ring, admin",
    "DELETE, /actuator/shards/0, admin"
  })
  void eachEndpointNeedsItsRole(String method, String target, String owner) {
    assertThat(put("all", "roles").status()).isIn(201, 204);
    for (String id : new String[] {"reader", "writer", "metrics", "admin"}) {
      Response answer =
          method.equals("PUT") ? put(id, "roles") : ask(id, method, target, "X-Not-Fast: 1");
      if (id.equals(owner)) {
        assertThat(answer.status()).as("%s as %s", target, id).isNotIn(401, 403);
      } else if (method.equals("HEAD")) {
        assertThat(answer.status()).isEqualTo(403);
      } else {
        ProblemJson.of(answer, 403, Problem.INSUFFICIENT_SCOPE);
        assertThat(answer.header("WWW-Authenticate"))
            .hasValue("Bearer realm=\"nebula\", error=\"insufficient_scope\"");
      }
    }
  }

  @Test
  void addingNeedsTheRolesReadAndWrite() {
    assertThat(ask("all", "DELETE", "/kv/roles-sum").status()).isEqualTo(204);
    assertThat(ask("all", "POST", "/kv/roles-sum?add=1").text()).isEqualTo("1");
    String lines = "{\"op\":\"add\",\"key\":\"roles-sum\",\"add\":1}\n";
    for (String id : new String[] {"reader", "writer"}) {
      assertThat(send(id, "POST", "/batch", lines, "application/x-ndjson").text())
          .startsWith("{\"status\":403,");
    }
    assertThat(ask("all", "GET", "/kv/roles-sum").text()).isEqualTo("1");
  }

  @Test
  void pagesAndProbesNeedNoToken() {
    try (RawHttp http = new RawHttp(port)) {
      for (String path :
          new String[] {
            "/problems",
            "/problems/token-required",
            "/swagger-ui/index.html",
            "/actuator/health/liveness",
            "/actuator/health/readiness"
          }) {
        assertThat(http.ask("GET", path).status()).as(path).isEqualTo(200);
      }
    }
  }

  @Test
  void prefixesBoundKeysByteByByte() {
    for (String key : new String[] {"app/", "app/a", "app%2Fa", "%C3%A9", "%C3%A9a"}) {
      assertThat(put("app", key).status()).as(key).isIn(201, 204);
      assertThat(ask("app", "GET", "/kv/" + key).status()).isEqualTo(200);
    }
    // The last one begins with the same byte.
    for (String key : new String[] {"app", "ap", "apq/", "App/a", "b/app/", "%C3%A8"}) {
      ProblemJson.of(put("app", key), 403, Problem.INSUFFICIENT_SCOPE);
      ProblemJson.of(ask("app", "GET", "/kv/" + key), 403, Problem.INSUFFICIENT_SCOPE);
      ProblemJson.of(ask("app", "DELETE", "/kv/" + key), 403, Problem.INSUFFICIENT_SCOPE);
      ProblemJson.of(
          ask("app", "PATCH", "/kv/" + key + "?ttl=1h"), 403, Problem.INSUFFICIENT_SCOPE);
      assertThat(ask("all", "GET", "/kv/" + key).status()).isEqualTo(404);
    }
  }

  @Test
  void listsNeedAPrefixWithinTheCallers() {
    for (String more : new String[] {"", "&values=true", "&count=true"}) {
      for (String prefix : new String[] {"app/", "app/x", "%C3%A9"}) {
        assertThat(ask("app", "GET", "/keys?prefix=" + prefix + more).status()).isEqualTo(200);
      }
      for (String prefix : new String[] {"", "app", "%C3%A8"}) {
        Response refused = ask("app", "GET", "/keys?prefix=" + prefix + more);
        ProblemJson.of(refused, 403, Problem.INSUFFICIENT_SCOPE);
      }
    }
    ProblemJson.of(ask("app", "GET", "/keys"), 403, Problem.INSUFFICIENT_SCOPE);
    for (String prefix : new String[] {"?prefix=&everything=true", "?prefix=app"}) {
      ProblemJson.of(ask("app", "DELETE", "/keys" + prefix), 403, Problem.INSUFFICIENT_SCOPE);
    }
  }

  @Test
  void cursorsBelongToTheirCaller() {
    for (String key : new String[] {"app/c1", "app/c2", "app/c3"}) {
      put("all", key);
    }
    String first = "/keys?prefix=app/c&limit=1";
    String cursor =
        ask("app", "GET", first).text().replaceAll("(?s).*\"cursor\":\"([^\"]*)\".*", "$1");
    assertThat(ask("app", "GET", first + "&cursor=" + cursor).text()).contains("app/c2");
    ProblemJson.of(ask("other", "GET", first + "&cursor=" + cursor), 400, Problem.INVALID_CURSOR);
  }

  @Test
  void batchRefusesLines() {
    put("all", "secret");
    String lines =
        """
        {"op":"put","key":"app/b","value":"1"}
        {"op":"get","key":"secret"}
        {"op":"delete","key":"secret"}
        {"op":"get","key":"app/b"}
        """;
    String answer = send("app", "POST", "/batch", lines, "application/x-ndjson").text();
    assertThat(answer.lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("\"status\":20"),
            line -> assertThat(line).contains("\"status\":403", "insufficient-scope"),
            line -> assertThat(line).contains("\"status\":403", "insufficient-scope"),
            line -> assertThat(line).contains("\"status\":200"));
    assertThat(ask("all", "GET", "/kv/secret").text()).isEqualTo("v");
    String read = send("writer", "POST", "/batch", lines, "application/x-ndjson").text();
    assertThat(read.lines().toList().get(3)).contains("\"status\":403");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'if':[{'key':'secret','exists':true}],'then':[]}",
        "{'then':[{'op':'put','key':'app/t','value':'1'},{'op':'get','key':'secret'}]}",
        "{'if':[{'key':'app/t','exists':true}],'then':[],'else':[{'op':'delete','key':'secret'}]}"
      })
  void transactionsAreRefusedAsAWhole(String transaction) {
    put("all", "secret");
    String json = transaction.replace('\'', '"');
    ProblemJson.of(
        send("app", "POST", "/txn", json, "application/json"), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(ask("all", "GET", "/kv/secret").status()).isEqualTo(200);
    assertThat(ask("all", "GET", "/kv/app/t").status()).isEqualTo(404);
  }

  /** They tell what exists. */
  @Test
  void conditionsOfTransactionsNeedTheRoleRead() {
    String json = "{\"if\":[{\"key\":\"secret\",\"exists\":true}],\"then\":[]}";
    ProblemJson.of(
        send("writer", "POST", "/txn", json, "application/json"), 403, Problem.INSUFFICIENT_SCOPE);
  }

  @Test
  void watchesNeedThePrefix() {
    for (String query : new String[] {"prefix=", "prefix=app", "key=secret"}) {
      ProblemJson.of(ask("app", "GET", "/watch?" + query), 403, Problem.INSUFFICIENT_SCOPE);
    }
    ProblemJson.of(ask("writer", "GET", "/watch?key=secret"), 403, Problem.INSUFFICIENT_SCOPE);
  }

  @Test
  void streamsOfRevokedTokensEnd() {
    String watch = RawHttp.head("GET", "/watch?prefix=", TestTokens.header("revoked")) + "\r\n";
    String poll =
        RawHttp.head("GET", "/kv/revoked", TestTokens.header("revoked"), "Prefer: wait=60")
            + "\r\n";
    try (RawHttp watcher = new RawHttp(port);
        RawHttp poller = new RawHttp(port)) {
      watcher.send(RawHttp.bytes(watch));
      poller.send(RawHttp.bytes(poll));
      await().atMost(SOON).until(() -> hub.subscribers() == 2);
      TOKENS.without("revoked");
      // The chunks of the stream end.
      assertThat(watcher.answerTo("GET").text()).contains(": here");
      ProblemJson.of(poller.answerTo("GET"), 401, Problem.INVALID_TOKEN);
      ProblemJson.of(ask("revoked", "GET", "/kv/a"), 401, Problem.INVALID_TOKEN);
    } finally {
      TOKENS.with("revoked", "roles=read,write");
    }
  }

  @Test
  void badFileKeepsTheTokens() {
    TOKENS.replace("not a line of tokens");
    try {
      await()
          .atMost(SOON)
          .until(() -> ask("metrics", "GET", "/actuator/health").text().contains("DEGRADED"));
      assertThat(ask("reader", "GET", "/keys").status()).isEqualTo(200);
    } finally {
      TOKENS.restore();
    }
    await()
        .atMost(SOON)
        .until(() -> !ask("metrics", "GET", "/actuator/health").text().contains("DEGRADED"));
  }

  /** Two tokens with one id: the old one is removed once all clients have the new one. */
  @Test
  void tokensAreReplacedWithoutARestart() {
    String next = TestTokens.of("turned").replace("AAAA", "BBBB");
    TOKENS.with("turned", "roles=read");
    await().atMost(SOON).until(() -> ask("turned", "GET", "/keys").status() == 200);
    assertThat(listWith(next)).isEqualTo(401);
    TOKENS.with("turned", next, "roles=read");
    await().atMost(SOON).until(() -> listWith(next) == 200);
    assertThat(ask("turned", "GET", "/keys").status()).isEqualTo(200);
    TOKENS.withoutFirst("turned");
    await().atMost(SOON).until(() -> ask("turned", "GET", "/keys").status() == 401);
    assertThat(listWith(next)).isEqualTo(200);
    TOKENS.without("turned");
  }

  private int listWith(String token) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("GET", "/keys", "Authorization: Bearer " + token).status();
    }
  }
}
