package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The contract of {@code POST /kv/{key}?add=}, and of the operations add and touch. */
@ServerTest
class CountersOverHttpTests {

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;
  private String name = "";
  private String key = "";

  CountersOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    name = "counters/" + test.getTestMethod().orElseThrow().getName();
    key = "/kv/" + name;
  }

  @AfterEach
  void hangUp() {
    http.close();
    ask("DELETE", key);
  }

  /** Asks on its own connection, which the server may close after an error. */
  private Response ask(String method, String target, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask(method, target, headers);
    }
  }

  private void put(String value) {
    assertThat(http.ask("PUT", key, RawHttp.bytes(value)).status()).isIn(201, 204);
  }

  @Test
  void newNumberIsTheAnswerAndTheValue() {
    Response created = http.ask("POST", key + "?add=5");
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.text()).isEqualTo("5");
    Response added = http.ask("POST", key + "?add=-7");
    assertThat(added.status()).isEqualTo(200);
    assertThat(added.text()).isEqualTo("-2");
    assertThat(added.headers().stream().map(Response.Header::name))
        .containsExactlyInAnyOrder(
            "ETag",
            "Content-Type",
            "Content-Length",
            "Cache-Control",
            "X-Content-Type-Options",
            "Date");
    assertThat(added.header("Content-Type")).hasValue("text/plain");
    assertThat(added.header("Cache-Control")).hasValue("no-store");
    assertThat(added.etag()).isNotEqualTo(created.etag());
    Response found = http.ask("GET", key);
    assertThat(found.text()).isEqualTo("-2");
    assertThat(found.header("Content-Type")).hasValue("text/plain");
    assertThat(found.etag()).isEqualTo(added.etag());
  }

  @Test
  void addingZeroIsAWrite() {
    http.ask("PUT", key + "?ttl=1h", RawHttp.bytes("9"), "Content-Type: a/b");
    String before = http.ask("GET", key).etag();
    Response same = http.ask("POST", key + "?add=0");
    assertThat(same.text()).isEqualTo("9");
    assertThat(same.etag()).isNotEqualTo(before);
    assertThat(http.ask("GET", key).header("Content-Type")).hasValue("text/plain");
  }

  @Test
  void timeToLiveIsAsOfAPut() {
    String expires = time.instant().plus(Duration.ofMinutes(1)).toString();
    Response limited = http.ask("POST", key + "?add=1&ttl=1m");
    assertThat(limited.header("Nebula-Expires")).hasValue(expires);
    assertThat(http.ask("GET", key).header("Nebula-Expires")).hasValue(expires);
    Response unlimited = http.ask("POST", key + "?add=1");
    assertThat(unlimited.header("Nebula-Expires")).isEmpty();
    assertThat(http.ask("GET", key).header("Nebula-Expires")).isEmpty();
    http.ask("POST", key + "?ttl=1m&add=1");
    time.advance(Duration.ofMinutes(1));
    Response again = http.ask("POST", key + "?add=1");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo("1");
  }

  @Test
  void conditionsAreAsOfAPut() {
    String etag = http.ask("POST", key + "?add=1", "If-None-Match: *").etag();
    Response exists = ask("POST", key + "?add=1", "If-None-Match: *");
    ProblemJson problem = ProblemJson.of(exists, 412, Problem.PRECONDITION_FAILED);
    assertThat(problem.member("currentEtag")).isEqualTo(etag);
    assertThat(http.ask("POST", key + "?add=1", "If-Match: " + etag).text()).isEqualTo("2");
    Response repeated = ask("POST", key + "?add=1", "If-Match: " + etag);
    ProblemJson.of(repeated, 412, Problem.PRECONDITION_FAILED);
    Response malformed = ask("POST", key + "?add=1", "If-Match: 1");
    ProblemJson.of(malformed, 400, Problem.INVALID_CONDITION);
    assertThat(http.ask("GET", key).text()).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1\n", "01", "+1", "1.0", "ten", "9223372036854775808"})
  void otherValuesAreNoNumbers(String value) {
    put(value);
    String etag = http.ask("GET", key).etag();
    ProblemJson problem = ProblemJson.of(ask("POST", key + "?add=1"), 409, Problem.NOT_A_NUMBER);
    assertThat(problem.member("key")).isEqualTo(name);
    assertThat(problem.member("currentEtag")).isEqualTo(etag);
    assertThat(problem.member("detail")).startsWith("The value is not");
    assertThat(http.ask("GET", key).etag()).isEqualTo(etag);
  }

  @Test
  void sumMustFit() {
    put("9223372036854775807");
    ProblemJson problem = ProblemJson.of(ask("POST", key + "?add=1"), 409, Problem.NOT_A_NUMBER);
    assertThat(problem.member("detail")).startsWith("The sum does not fit");
    Response smaller = http.ask("POST", key + "?add=-9223372036854775808");
    assertThat(smaller.text()).isEqualTo("-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?add",
        "?add=",
        "?add=x",
        "?add=+1",
        "?add=%2B1",
        "?add=01",
        "?add=1.0",
        "?add=9223372036854775808",
        "?add=1&add=1",
        "?add=1&x=y",
        "?ttl=1m"
      })
  void otherAmountsAreMalformed(String query) {
    ProblemJson.of(ask("POST", key + query), 400, Problem.INVALID_PARAMETER);
    assertThat(http.ask("GET", key).status()).isEqualTo(404);
  }

  @Test
  void noneIsNoTimeToLiveOfAnAddition() {
    ProblemJson.of(ask("POST", key + "?add=1&ttl=none"), 400, Problem.INVALID_TTL);
  }

  @Test
  void bodyIsRefused() {
    for (String framing :
        List.of(
            "Content-Length: 1\r\n\r\n5",
            "Transfer-Encoding: chunked\r\n\r\n1\r\n5\r\n0\r\n\r\n")) {
      try (RawHttp own = new RawHttp(port)) {
        own.send(
            RawHttp.bytes(
                "POST "
                    + key
                    + "?add=1 HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n"
                    + framing));
        ProblemJson.of(own.answerTo("POST"), 400, Problem.INVALID_REQUEST);
      }
    }
    assertThat(http.ask("GET", key).status()).isEqualTo(404);
    assertThat(http.ask("POST", key + "?add=1", new byte[0]).status()).isEqualTo(201);
  }

  @Test
  void batchAddsAndTouches() {
    String lines =
        """
        {"op":"add","key":"~","add":5}
        {"op":"add","key":"~","add":-7,"ttl":"1m","ifMatch":"*"}
        {"op":"add","key":"~","add":1,"ifNoneMatch":"*"}
        {"op":"touch","key":"~","ttl":"1h"}
        {"op":"touch","key":"~","ttl":"none","ifMatch":"\\"no\\""}
        {"op":"touch","key":"~/none","ttl":"1h"}
        {"op":"put","key":"~","value":"ten"}
        {"op":"add","key":"~","add":1}
        {"op":"add","key":"~","add":"1"}
        """
            .replace("~", name);
    Response answer =
        http.ask("POST", "/batch", RawHttp.bytes(lines), "Content-Type: application/x-ndjson");
    List<String> results = answer.text().lines().toList();
    assertThat(results.get(0))
        .matches(
            "\\{'status':201,'etag':'[^,]*','contentType':'text/plain','value':'5'}"
                .replace('\'', '"'));
    assertThat(results.get(1))
        .startsWith("{\"status\":200,")
        .contains("\"contentType\":\"text/plain\",\"value\":\"-2\",\"expires\":\"");
    assertThat(results.get(2)).startsWith("{\"status\":412,");
    assertThat(results.get(3))
        .startsWith("{\"status\":204,\"etag\":")
        .contains("\"expires\":\"" + time.instant().plus(Duration.ofHours(1)) + "\"");
    assertThat(results.get(4)).startsWith("{\"status\":412,");
    assertThat(results.get(5)).startsWith("{\"status\":404,");
    assertThat(results.get(6)).startsWith("{\"status\":204,");
    assertThat(results.get(7))
        .startsWith("{\"status\":409,\"problem\":{\"type\":\"/problems/not-a-number\",");
    assertThat(results.get(8)).startsWith("{\"status\":400,");
    assertThat(results).hasSize(9);
  }

  private Response transact(String json) {
    try (RawHttp own = new RawHttp(port)) {
      String body = json.replace('\'', '"').replace("~", name);
      return own.ask("POST", "/txn", RawHttp.bytes(body), "Content-Type: application/json");
    }
  }

  @Test
  void transactionsAddAndTouch() {
    Response done =
        transact(
            "{'then':[{'op':'add','key':'~','add':2},{'op':'add','key':'~','add':3,'ttl':60},"
                + "{'op':'touch','key':'~','ttl':'none'},{'op':'get','key':'~'}]}");
    assertThat(done.status()).as("%s", done).isEqualTo(200);
    assertThat(done.text())
        .matches(
            ".*'status':201,[^}]*'value':'2'},\\{'status':200,[^}]*'value':'5','expires':[^}]*},"
                    .replace('\'', '"')
                + "\\{'status':204,'etag':[^,}]*},\\{'status':200,[^}]*'value':'5'}.*"
                    .replace('\'', '"'));
    assertThat(http.ask("GET", key).header("Nebula-Expires")).isEmpty();
  }

  @Test
  void transactionWithoutANumberChangesNothing() {
    put("ten");
    String etag = http.ask("GET", key).etag();
    Response refused =
        transact(
            "{'if':[{'key':'~','exists':false}],'else':[{'op':'add','key':'~/other','add':1},"
                + "{'op':'add','key':'~','add':1}]}");
    ProblemJson problem = ProblemJson.of(refused, 409, Problem.TXN_CONFLICT);
    assertThat(problem.member("key")).isEqualTo(name);
    assertThat(problem.member("currentEtag")).isEqualTo(etag);
    assertThat(problem.member("detail")).startsWith("else[1] ").contains("not a decimal number");
    assertThat(http.ask("GET", key + "/other").status()).isEqualTo(404);
  }
}
