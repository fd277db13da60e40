package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every error is a problem, also those of the framework, and its type links to a page. */
@ServerTest
class ProblemPagesTests {

  private final int port;
  private final RawHttp http;

  ProblemPagesTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
  }

  @AfterEach
  void hangUp() {
    http.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyProblemHasAPage(Problem problem) {
    String page = page("/problems/" + problem.code());
    assertThat(page).contains(problem.code(), "status " + problem.status(), "What to do");
    assertThat(page("/problems")).contains("\"problems/" + problem.code() + '"');
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "INVALID_KEY", "Invalid-Key", "invalid_key", "%3Cscript%3E", "400"})
  void unknownCodeIsAProblem(String code) {
    ProblemJson.of(http.ask("GET", "/problems/" + code), 404, Problem.NOT_FOUND);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, 404",
    "GET, /error, 404",
    "PUT, /nothing, 404",
    "DELETE, /problems, 405",
    "POST, /problems/invalid-key, 405",
    "TRACE, /problems, 405",
    "GET, /problems/%, 404",
    "GET, /problems/%zz, 404",
    "GET, /problems/a%2Fb, 404",
    "GET, /problems/../../x, 404",
    "GET, /actuator/nothing, 404",
    "GET, /actuator/health/nope, 404",
    "GET, /actuator/health/liveness/nope, 404",
    "GET, /actuator/metrics/nope, 404",
    "GET, /actuator/shards/99, 404",
    "GET, /actuator/shards/x, 400",
    "POST, /actuator/shards, 405",
    "DELETE, /actuator/shards/0, 405",
    "GET, /swagger-ui/nothing, 404",
    "GET, /kv/, 400",
    "GET, /kv/problem%20pages, 404",
    "POST, /kv/problem%20pages, 400",
    "PURGE, /kv/problem%20pages, 405"
  })
  void everyErrorHasAPage(String method, String target, int status) {
    Response answer = exchange(method, target);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = new JsonMapper().readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(page(problem.path("type").asString())).contains("status " + status);
    if (status == 405) {
      assertThat(answer.header("Allow").orElse("")).isNotBlank().doesNotContain(method + ",");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/kv/none%7Cb?ttl, /kv/none%7Cb",
    "/kv/none|b?ttl, /kv/none%7Cb",
    "/kv/none%2Fb?x=%25, /kv/none%2Fb",
    "/kv/..%2Fa, /kv/..%2Fa",
    "//nothing, /.//nothing",
    "http://localhost/nothing, /nothing",
    "/kv/foo%foo, ''",
    "/kv/foo%, ''",
    "/kv/%zz/%2F, ''",
    "/kv/%%34%31, ''"
  })
  void instanceIsWhatWasAskedForOrMissing(String target, String instance) {
    JsonNode problem = new JsonMapper().readTree(exchange("GET", target).body());
    assertThat(problem.path("instance").asString("")).isEqualTo(instance);
    assertThat(problem.has("instance")).isEqualTo(!instance.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "GET"})
  void missingPartOfAnEndpointIsAProblem(String method) {
    Response answer = exchange(method, "/actuator/health/nope");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.header("Content-Length").map(Integer::parseInt).orElse(0)).isPositive();
    assertThat(answer.header("Cache-Control")).hasValue("no-store");
  }

  @Test
  void unacceptableTypeIsAProblem() {
    Response answer = http.ask("GET", "/actuator/shards", "Accept: image/png");
    ProblemJson.of(answer, 406, Problem.NOT_ACCEPTABLE);
  }

  private Response exchange(String method, String target) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask(method, target);
    }
  }

  private String page(String type) {
    Response page = http.ask("GET", type);
    assertThat(page.status()).as("status of %s", type).isEqualTo(200);
    assertThat(page.header("Content-Type").orElse("")).startsWith("text/html");
    return page.text();
  }
}
