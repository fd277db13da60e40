package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A path that is not a valid key is refused with a reason, whatever the method, and is never
 * corrected: no other key is read, written or removed instead.
 */
@ServerTest
@TestInstance(Lifecycle.PER_CLASS)
class MalformedKeysTests {

  private static final List<String> METHODS = List.of("GET", "HEAD", "PUT", "PATCH", "DELETE");

  /** Paths under {@code /kv/} that are not valid keys. */
  private static final List<String> NO_KEYS =
      List.of(
          // Empty, and too long.
          "/kv/",
          "/kv/" + "k".repeat(1_025),
          "/kv/" + "k".repeat(1_024) + "%2F",
          "/kv/" + "%F0%9F%98%80".repeat(256) + "a",
          "/kv/" + "%6B".repeat(1_025),
          // Broken percent-encoding.
          "/kv/%",
          "/kv/a%",
          "/kv/%z",
          "/kv/%zz",
          "/kv/%e",
          "/kv/%6",
          "/kv/%6g",
          "/kv/%g6",
          "/kv/%%",
          "/kv/%%36%31",
          "/kv/%u0061",
          "/kv/%+1",
          "/kv/%-1",
          "/kv/%/1",
          // Bytes that are not UTF-8: overlong, surrogates, beyond Unicode, cut off, out of place.
          "/kv/%C0%AF",
          "/kv/%C1%A1",
          "/kv/%E0%80%AF",
          "/kv/%F0%80%80%AF",
          "/kv/%C0%80",
          "/kv/%C0%AE%C0%AE/a",
          "/kv/%ED%A0%80",
          "/kv/%ED%BF%BF",
          "/kv/%ED%A0%BD%ED%B8%80",
          "/kv/%F4%90%80%80",
          "/kv/%F5%80%80%80",
          "/kv/%F8%88%80%80%80",
          "/kv/%FF",
          "/kv/%FE%FF",
          "/kv/%C3",
          "/kv/a%C3/b",
          "/kv/%E2%82",
          "/kv/%F0%9F%98",
          "/kv/%80",
          "/kv/a%BFb",
          "/kv/%E9",
          // Control characters.
          "/kv/%00",
          "/kv/a%00",
          "/kv/a%00/../b",
          "/kv/%01",
          "/kv/a%09b",
          "/kv/a%0Ab",
          "/kv/a%0D%0AX:%20y",
          "/kv/%1F",
          "/kv/%7F",
          "/kv/a%7f",
          // Dot segments, plain, encoded, mixed; at the beginning, in the middle, at the end.
          "/kv/.",
          "/kv/..",
          "/kv/./a",
          "/kv/../a",
          "/kv/a/.",
          "/kv/a/..",
          "/kv/a/./b",
          "/kv/a/../b",
          "/kv/a/../../kv/b",
          "/kv/../kv/a",
          "/kv/../actuator/health",
          "/kv/../../../../etc/passwd",
          "/kv/%2e",
          "/kv/%2E%2e",
          "/kv/.%2E",
          "/kv/%2e.",
          "/kv/%2e/a",
          "/kv/%2e%2e/actuator/health",
          "/kv/a/%2e%2e/b",
          "/kv/a/.%2e",
          "/kv/..%2Fa",
          "/kv/a%2F..",
          "/kv/a%2f..%2fb",
          "/kv/%2e%2e%2fa",
          "/kv/%2E%2F",
          "/kv//..",
          "/kv//../a",
          "/kv/..//a",
          "http://localhost/kv/../kv/a");

  private final int port;
  private final RawHttp http;
  private final Sentinels sentinels;

  MalformedKeysTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
    this.sentinels = new Sentinels(http);
  }

  @BeforeAll
  void areThere() {
    sentinels.areUntouched();
  }

  @AfterAll
  void hangUp() {
    http.close();
  }

  static List<String> noKeys() {
    return NO_KEYS;
  }

  @ParameterizedTest
  @MethodSource("noKeys")
  void invalidKeysAreRefused(String path) {
    for (String method : METHODS) {
      refused(method, path, 400, Problem.INVALID_KEY);
    }
    refused("OPTIONS", path, 400, Problem.INVALID_KEY);
    sentinels.areUntouched();
  }

  /** Paths that a container may mistake for one under {@code /kv/}. */
  static List<String> otherPaths() {
    return List.of(
        "/kv",
        "//kv/a",
        "///kv/a",
        "/./kv/a",
        "/x/../kv/a",
        "/kv;x/abc",
        "/kv;/a",
        "/;/kv/a",
        "/%6Bv/a",
        "/%6bv/abc",
        "/k%76/a",
        "/KV/a",
        "/Kv/a",
        "/kv%2Fa",
        "/kva",
        "/kv.json");
  }

  @ParameterizedTest
  @MethodSource("otherPaths")
  void otherPathsAreNotKeys(String path) {
    for (String method : METHODS) {
      Response response = answer(method, path);
      assertThat(response.status()).as("%s %s", method, path).isIn(400, 404, 405);
      assertThat(response.header("ETag")).isEmpty();
      assertThat(response.header("Content-Type")).hasValue("application/problem+json");
    }
    sentinels.areUntouched();
  }

  /** Bytes that no request line may contain: the server can't even read the path. */
  static List<String> unreadable() {
    return List.of(
        "/kv/\u00e9",
        "/kv/\u00c3\u00a9",
        "/kv/a\u0080",
        "/kv/a\u0000b",
        "/kv/a\u0001b",
        "/kv/a\u000bb",
        "/kv/a\u001bb",
        "/kv/a\u007fb",
        "/kv/a#b",
        "/kv/a b",
        "/kv/a\tb",
        "/kv/a\rb");
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void invalidPathBytesAreRefused(String path) {
    for (String method : METHODS) {
      refused(method, path, 400, Problem.INVALID_REQUEST);
    }
    sentinels.areUntouched();
  }

  private void refused(String method, String path, int status, Problem problem) {
    Response response = answer(method, path);
    if (method.equals("HEAD")) {
      assertThat(response.status()).as("%s %s", method, path).isEqualTo(status);
    } else {
      ProblemJson.of(response, status, problem);
    }
  }

  /** Each on its own connection, which has no more bytes. */
  private Response answer(String method, String path) {
    String target = method.equals("PATCH") ? path + "?ttl=1h" : path;
    try (RawHttp own = new RawHttp(port)) {
      Response answer =
          method.equals("PUT")
              ? own.ask(method, target, RawHttp.bytes("bad"))
              : own.ask(method, target);
      assertThat(own.sendEnd().rest()).as("bytes after %s", answer).isEmpty();
      return answer;
    }
  }
}
