package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** {@code OPTIONS} and {@code Allow} list the methods that a path supports, and no others. */
@ServerTest
class AllowTests {

  private static final String[] METHODS = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE", "TRACE"
  };

  private final int port;

  AllowTests(@LocalServerPort int port) {
    this.port = port;
  }

  /** Asks on its own connection. A stream of changes does not begin, as nobody accepts it. */
  private Response ask(String method, String target) {
    try (RawHttp http = new RawHttp(port)) {
      return target.equals("/watch")
          ? http.ask(method, target, "Accept: image/png")
          : http.ask(method, target);
    }
  }

  private static Set<String> allowed(Response answer) {
    String allow = answer.header("Allow").orElseThrow(() -> new AssertionError("" + answer));
    return new TreeSet<>(Arrays.asList(allow.split(" *, *")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kv/allow",
        "/keys",
        "/batch",
        "/txn",
        "/watch",
        "/problems",
        "/problems/invalid-key",
        "/",
        "/swagger-ui.html",
        "/swagger-ui/index.html",
        "/actuator",
        "/actuator/health",
        "/actuator/health/liveness",
        "/actuator/shards",
        "/actuator/shards/0",
        "/actuator/metrics"
      })
  void listsTheSupportedMethods(String path) {
    Response options = ask("OPTIONS", path);
    assertThat(options.status()).isIn(200, 204);
    Set<String> listed = allowed(options);
    Set<String> supported = new TreeSet<>(Set.of("OPTIONS"));
    for (String method : METHODS) {
      Response answer = ask(method, path);
      if (answer.status() == 405) {
        assertThat(allowed(answer)).as("%s %s", method, path).isEqualTo(listed);
      } else {
        supported.add(method);
      }
    }
    assertThat(listed).isEqualTo(supported);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/actuator/nothing", "/swagger-ui/nothing", "/kv"})
  void nothingIsListedWhereNothingIs(String path) {
    Response options = ask("OPTIONS", path);
    ProblemJson.of(options, 404, Problem.NOT_FOUND);
    assertThat(options.header("Allow")).isEmpty();
  }

  @Test
  void serverListsAllMethods() {
    assertThat(allowed(ask("OPTIONS", "*")))
        .containsExactlyInAnyOrder("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  }

  @Test
  void headOfAWatchIsNotSupported() {
    try (RawHttp http = new RawHttp(port)) {
      Response head = http.ask("HEAD", "/watch?key=a", "Accept: text/event-stream");
      assertThat(head.status()).isEqualTo(405);
      assertThat(head.header("Allow")).hasValue("GET, OPTIONS");
    }
  }
}
