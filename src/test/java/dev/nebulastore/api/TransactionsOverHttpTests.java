package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ServerTest
@TestPropertySource(
    properties = {"nebula.limits.transaction-size=8KB", "nebula.limits.transaction-keys=200"})
class TransactionsOverHttpTests {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final int port;
  private String prefix = "";

  TransactionsOverHttpTests(@LocalServerPort int port) {
    this.port = port;
  }

  @BeforeEach
  void takeKeys(TestInfo test) {
    prefix = test.getTestMethod().orElseThrow().getName() + "/";
  }

  /** Asks on its own connection: the server closes it after an error. */
  private Response ask(String method, String target, byte[] body, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, body, headers);
    }
  }

  /**
   * In the text, ~ stands for the test's own prefix, ' for a quotation mark, ^ for one in a string.
   */
  private Response transact(String json) {
    return ask("POST", "/txn", body(json), "Content-Type: application/json");
  }

  private byte[] body(String json) {
    return RawHttp.bytes(json.replace('\'', '"').replace("^", "\\\"").replace("~", prefix));
  }

  private JsonNode done(String json) {
    Response response = transact(json);
    assertThat(response.status()).as("%s", response).isEqualTo(200);
    assertThat(response.header("Content-Type")).hasValue("application/json");
    assertThat(response.header("Cache-Control")).hasValue("no-store");
    return MAPPER.readTree(response.body());
  }

  private Response get(String key) {
    return ask("GET", "/kv/" + prefix + key, new byte[0]);
  }

  private String put(String key, String value) {
    return ask("PUT", "/kv/" + prefix + key, RawHttp.bytes(value)).etag();
  }

  @Test
  void thenRunsWhenAllConditionsHold() {
    String etag = put("a", "90").replace('"', '^');
    JsonNode outcome =
        done(
            "{'if':[{'key':'~a','etag':'%s'},{'key':'~b','exists':false}],".formatted(etag)
                + "'then':[{'op':'put','key':'~b','value':'10','ttl':'5m'},"
                + "{'op':'get','key':'~a'},{'op':'get','key':'~b'},{'op':'delete','key':'~a'}],"
                + "'else':[{'op':'put','key':'~a','value':'wrong'}]}");
    assertThat(outcome.path("succeeded").asBoolean()).isTrue();
    JsonNode results = outcome.path("results");
    assertThat(results).hasSize(4);
    assertThat(results.path(0).path("status").asInt()).isEqualTo(201);
    assertThat(results.path(0).path("expires").asString()).isNotEmpty();
    assertThat(results.path(1).path("value").asString()).isEqualTo("90");
    assertThat(results.path(2).path("etag")).isEqualTo(results.path(0).path("etag"));
    assertThat(results.path(3).path("status").asInt()).isEqualTo(204);
    assertThat(get("a").status()).isEqualTo(404);
    Response written = get("b");
    assertThat(written.text()).isEqualTo("10");
    assertThat(written.header("Content-Type")).hasValue("text/plain;charset=utf-8");
    assertThat(written.etag()).isEqualTo(results.path(0).path("etag").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "{'key':'~a','exists':false}    | false",
        "{'key':'~a','exists':true}     | true",
        "{'key':'~none','exists':true}  | false",
        "{'key':'~none','exists':false} | true",
        "{'key':'~a','etag':'^other^'}  | false",
        "{'key':'~none','etag':'*'}     | false",
        "{'key':'~a','etag':'*'}        | true"
      })
  void conditionsChooseTheBranch(String condition, boolean holds) {
    put("a", "1");
    JsonNode outcome =
        done("{'if':[" + condition + "],'then':[{'op':'get','key':'~a'}],'else':[]}");
    assertThat(outcome.path("succeeded").asBoolean()).isEqualTo(holds);
    assertThat(outcome.path("results")).hasSize(holds ? 1 : 0);
  }

  @Test
  void refusedCommandChangesNothing() {
    String etag = put("a", "1");
    ProblemJson problem =
        ProblemJson.of(
            transact(
                "{'then':[{'op':'put','key':'~b','value':'2'},"
                    + "{'op':'put','key':'~a','value':'2','ifNoneMatch':'*'}]}"),
            409,
            Problem.TXN_CONFLICT);
    assertThat(problem.member("key")).isEqualTo(prefix + "a");
    assertThat(problem.member("currentEtag")).isEqualTo(etag);
    assertThat(problem.member("detail")).startsWith("then[1] ");
    assertThat(problem.member("applied")).isEqualTo("no");
    assertThat(get("b").status()).isEqualTo(404);
    assertThat(get("a").etag()).isEqualTo(etag);
  }

  @Test
  void absentKeyIsAResultNotAConflict() {
    JsonNode result = done("{'then':[{'op':'get','key':'~none'}]}").path("results").path(0);
    assertThat(result.path("status").asInt()).isEqualTo(404);
    assertThat(result.path("problem").path("type").asString()).isEqualTo("/problems/key-not-found");
    assertThat(result.path("problem").path("key").asString()).isEqualTo(prefix + "none");
  }

  @Test
  void binaryValuesComeBackAsBase64() {
    ask("PUT", "/kv/" + prefix + "a", new byte[] {(byte) 0xff, 0});
    JsonNode result = done("{'then':[{'op':'get','key':'~a'}]}").path("results").path(0);
    assertThat(result.path("base64").asString()).isEqualTo("/wA=");
    assertThat(result.has("value")).isFalse();
  }

  @Test
  void emptyTransactionSucceeds() {
    assertThat(done("{}")).isEqualTo(MAPPER.readTree("{\"succeeded\":true,\"results\":[]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{}{}",
        "{'if':{}}",
        "{'then':[{}]}",
        "{'then':[1]}",
        "{'when':[]}",
        "{'then':[],'then':[]}",
        "{'if':[{'key':'a'}]}",
        "{'if':[{'exists':true}]}",
        "{'if':[{'key':'a','exists':'yes'}]}",
        "{'if':[{'key':'a','exists':true,'etag':'*'}]}",
        "{'if':[{'key':'a','value':'1'}]}",
        "{'if':[[]]}",
        "{'then':[{'op':'touch','key':'a'}]}",
        "{'then':[{'op':'get','key':'a','value':'1'}]}",
        "{'then':[{'op':'put','key':'a'}]}",
        "{'then':[{'op':'put','key':'a','value':1}]}"
      })
  void malformedJsonIsRefused(String json) {
    ProblemJson.of(transact(json), 400, Problem.INVALID_JSON);
  }

  @Test
  void malformedPartsHaveTheirOwnProblems() {
    ProblemJson.of(transact("{'if':[{'key':'','exists':true}]}"), 400, Problem.INVALID_KEY);
    ProblemJson.of(transact("{'if':[{'key':'a','etag':'a'}]}"), 400, Problem.INVALID_CONDITION);
    ProblemJson.of(
        transact("{'then':[{'op':'put','key':'a','value':'','ttl':'0'}]}"),
        400,
        Problem.INVALID_TTL);
    ProblemJson.of(
        ask("POST", "/txn?x=1", body("{}"), "Content-Type: application/json"),
        400,
        Problem.INVALID_PARAMETER);
  }

  private static String withKeys(int count) {
    return IntStream.range(0, count)
        .mapToObj("{'key':'many %d','exists':false}"::formatted)
        .collect(Collectors.joining(",", "{'if':[", "]}"));
  }

  @Test
  void tooLargeTransactionsAreRefused() {
    assertThat(transact(withKeys(200)).status()).isEqualTo(200);
    assertThat(ProblemJson.of(transact(withKeys(201)), 400, Problem.INVALID_JSON).member("detail"))
        .isEqualTo(
            "A transaction names at most 200 keys (nebula.limits.transaction-keys), not 201.");
    ProblemJson.of(transact(" ".repeat(8 * 1_024 + 1)), 413, Problem.CONTENT_TOO_LARGE);
  }

  @Test
  void otherMethodsAndTypesAreRefused() {
    for (String type : List.of("Content-Type: text/plain", "Content-Type: application", "X: y")) {
      Response refused = ask("POST", "/txn", body("{}"), type);
      ProblemJson.of(refused, 415, Problem.UNSUPPORTED_MEDIA_TYPE);
      assertThat(refused.header("Accept")).hasValue("application/json");
    }
    Response coded =
        ask("POST", "/txn", body("{}"), "Content-Type: application/json", "Content-Encoding: br");
    ProblemJson.of(coded, 415, Problem.UNSUPPORTED_CODING);
    assertThat(coded.header("Accept-Encoding")).hasValue("identity");
    Response refused = ask("GET", "/txn", new byte[0]);
    ProblemJson.of(refused, 405, Problem.METHOD_NOT_ALLOWED);
    assertThat(refused.header("Allow")).hasValue("POST, OPTIONS");
  }
}
