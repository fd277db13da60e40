package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server that pages of one other server may use. */
@ServerTest
@TestPropertySource(properties = "nebula.cors.origins=http://localhost:3000")
class CorsTests {

  private static final String ALLOWED = "Origin: http://localhost:3000";
  private static final String PREFLIGHT = "Access-Control-Request-Method: PUT";

  private static final Map<String, String> METHODS =
      Map.of(
          "/kv/a", "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS",
          "/keys", "GET, HEAD, PATCH, DELETE, OPTIONS",
          "/batch", "POST, OPTIONS",
          "/txn", "POST, OPTIONS",
          "/watch", "GET, OPTIONS",
          "/problems", "GET, HEAD, POST, DELETE");

  /** Headers that every page can read, or that are for its browser alone. */
  private static final Set<String> NOT_EXPOSED =
      Set.of(
          "Allow",
          "Cache-Control",
          "Content-Security-Policy",
          "Cross-Origin-Resource-Policy",
          "X-Content-Type-Options");

  private final int port;

  CorsTests(@LocalServerPort int port) {
    this.port = port;
  }

  private Response ask(String method, String target, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask(method, target, headers);
    }
  }

  @Test
  void preflightsOfAllowedPagesAreAnswered() {
    for (String path : METHODS.keySet()) {
      Response answer = ask("OPTIONS", path, ALLOWED, PREFLIGHT);
      assertThat(answer.status()).as(path).isEqualTo(204);
      assertThat(answer.header("Access-Control-Allow-Origin")).hasValue("http://localhost:3000");
      assertThat(answer.header("Access-Control-Allow-Methods")).hasValue(METHODS.get(path));
      assertThat(answer.header("Access-Control-Allow-Headers").orElseThrow())
          .contains("If-Match", "If-None-Match", "Authorization", "Content-Type", "Prefer");
      assertThat(answer.header("Vary").orElseThrow()).contains("Origin");
    }
  }

  @Test
  void everythingInTheContractIsAllowed() {
    Contract contract = Contract.read();
    for (var path : contract.root().path("paths").properties()) {
      Response answer = ask("OPTIONS", path.getKey().replaceAll("[{].*", "a"), ALLOWED, PREFLIGHT);
      String methods = answer.header("Access-Control-Allow-Methods").orElseThrow();
      String headers = answer.header("Access-Control-Allow-Headers").orElseThrow();
      for (var operation : path.getValue().properties()) {
        assertThat(methods.split(", ")).contains(operation.getKey().toUpperCase(Locale.ROOT));
        for (var reference : operation.getValue().path("parameters")) {
          var parameter = contract.follow(reference);
          if (parameter.path("in").textValue().equals("header")) {
            assertThat(headers.split(", ")).contains(parameter.path("name").textValue());
          }
        }
      }
    }
  }

  @Test
  void everyHeaderInTheContractCanBeRead() {
    String exposed =
        ask("GET", "/keys", ALLOWED).header("Access-Control-Expose-Headers").orElseThrow();
    for (Contract.Answer answer : Contract.read().answers()) {
      for (var header : answer.response().path("headers").properties()) {
        if (!NOT_EXPOSED.contains(header.getKey())) {
          assertThat(exposed.split(", ")).as(answer.path()).contains(header.getKey());
        }
      }
    }
  }

  @Test
  void answersToAllowedPagesCanBeRead() {
    Response found = ask("GET", "/keys", ALLOWED);
    assertThat(found.header("Access-Control-Allow-Origin")).hasValue("http://localhost:3000");
    assertThat(found.header("Access-Control-Expose-Headers").orElseThrow())
        .contains("ETag", "Last-Modified", "Nebula-Expires", "Link", "Retry-After");
    assertThat(found.header("Access-Control-Allow-Credentials")).isEmpty();
  }

  @Test
  void errorsForAllowedPagesCanBeRead() {
    for (String path :
        new String[] {"/kv/cors-none", "/txn", "/watch", "/none", "/actuator/none"}) {
      Response error = ask("GET", path, ALLOWED);
      assertThat(error.status()).as(path).isGreaterThanOrEqualTo(400);
      assertThat(error.header("Access-Control-Allow-Origin"))
          .as(path)
          .hasValue("http://localhost:3000");
    }
  }

  @Test
  void allowedPagesMayWrite() {
    assertThat(ask("DELETE", "/kv/cors", ALLOWED).status()).isEqualTo(204);
  }

  @Test
  void otherPagesMayNot() {
    for (String origin :
        new String[] {
          "http://localhost:3001",
          "https://localhost:3000",
          "http://localhost:3000.evil.example",
          "http://evil.example",
          "null",
          "*"
        }) {
      String header = "Origin: " + origin;
      ProblemJson.of(ask("DELETE", "/kv/cors", header), 403, Problem.ORIGIN_NOT_ALLOWED);
      ProblemJson.of(
          ask("OPTIONS", "/kv/cors", header, PREFLIGHT), 403, Problem.ORIGIN_NOT_ALLOWED);
      assertThat(ask("GET", "/keys", header).header("Access-Control-Allow-Origin")).isEmpty();
    }
  }
}
