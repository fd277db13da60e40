package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.nebulastore.api.error.Problem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server with no settings of security, except that it listens on all addresses. */
@ServerTest
@TestPropertySource(
    properties = {"server.address=0.0.0.0", "nebula.security.hosts=store.example,nebula_store"})
class ProtectedModeTests {

  private final int port;

  ProtectedModeTests(@LocalServerPort int port) {
    this.port = port;
  }

  /** The response to a head, without a body, on a connection of its own. */
  private Response answer(String method, String head) {
    try (RawHttp http = new RawHttp(port)) {
      return http.send(RawHttp.bytes(head + "\r\n\r\n")).answerTo(method);
    }
  }

  private Response get(String path, String host, String... headers) {
    String more = headers.length == 0 ? "" : "\r\n" + String.join("\r\n", headers);
    return answer("GET", "GET " + path + " HTTP/1.1\r\nHost: " + host + more);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8080",
        "127.9.9.9",
        "[::1]",
        "[::1]:8080",
        "store.example:80",
        "nebula_store:8080"
      })
  void localNamesAreServed(String host) {
    assertThat(get("/kv/protected", host).status()).isEqualTo(404);
    assertThat(get("/keys", host).status()).isEqualTo(200);
  }

  /** A page can have its own name resolve to 127.0.0.1, and then read answers (DNS rebinding). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example",
        "127.evil.example",
        "127.0.0.1.evil",
        "x",
        "nebula_stores:8080",
        "_x",
        "a..b",
        "%6cocalhost",
        "a;b=c,d",
        ":8080",
        ""
      })
  void otherNamesAreRefused(String host) {
    for (String path : new String[] {"/kv/protected", "/keys", "/", "/actuator/health", "/none"}) {
      ProblemJson.of(get(path, host), 403, Problem.HOST_NOT_ALLOWED);
    }
    // Through Tomcat as through the fast path.
    ProblemJson.of(get("/kv/protected", host, "X-Any: 1"), 403, Problem.HOST_NOT_ALLOWED);
  }

  /** RFC 9112, section 3.2.2. */
  @Test
  void absoluteTargetWinsOverHost() {
    for (String path : new String[] {"/kv/protected", "/keys", "/problems"}) {
      Response own = get("http://LOCALHOST:1" + path, "evil.example");
      assertThat(own.status()).isEqualTo(path.startsWith("/kv/") ? 404 : 200);
      assertThat(get("https://u:p@localhost" + path, "x").status()).isEqualTo(own.status());
      ProblemJson.of(get("http://evil_x" + path, "localhost"), 403, Problem.HOST_NOT_ALLOWED);
    }
    ProblemJson.of(get("http://x?y=localhost", "localhost"), 403, Problem.HOST_NOT_ALLOWED);
    ProblemJson.of(answer("GET", "GET http://x/keys HTTP/1.0"), 403, Problem.HOST_NOT_ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded: for=127.0.0.1",
        "Via: 1.1 proxy",
        "X-Forwarded-For: 127.0.0.1",
        "x-forwarded-proto: https",
        "X-Forwarded-Anything: 1",
        "X-Real-IP: 127.0.0.1"
      })
  void requestsThroughProxiesAreRefused(String header) {
    for (String path : new String[] {"/kv/protected", "/keys", "/", "/actuator/health"}) {
      ProblemJson.of(get(path, "localhost", header), 403, Problem.PROTECTED_MODE);
    }
  }

  @Test
  void refusalNamesTheThreeWaysOut() {
    Response refusal = get("/kv/protected", "localhost", "Via: 1.1 proxy");
    assertThat(ProblemJson.of(refusal, 403, Problem.PROTECTED_MODE).member("detail"))
        .contains("NEBULA_SECURITY_TOKENS_FILE", "NEBULA_SECURITY_MODE=open", "localhost");
    assertThat(refusal.header("Cache-Control")).hasValue("no-store");
  }

  @Test
  void probesAnswerAnybodyWithTheStatusAlone() {
    for (String probe : new String[] {"liveness", "readiness"}) {
      Response answer = get("/actuator/health/" + probe, "10.1.2.3:8080", "Via: 1.1 proxy");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("{\"status\":\"UP\"}");
    }
  }

  /** As the health check of the image, which sends no Host. */
  @Test
  void requestsWithoutHostAreLocal() {
    assertThat(answer("GET", "GET /kv/protected HTTP/1.0").status()).isEqualTo(404);
    assertThat(answer("GET", "GET /actuator/health/liveness HTTP/1.0").status()).isEqualTo(200);
  }

  @Test
  void otherMachinesAreRefused() throws IOException {
    Optional<InetSocketAddress> address =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(own -> !own.isLoopbackAddress() && !own.isLinkLocalAddress())
            .map(own -> new InetSocketAddress(own, port))
            .findFirst();
    assumeThat(address).as("needs an address beside the loopback").isPresent();
    for (String path : new String[] {"/kv/protected", "/keys", "/actuator/health"}) {
      try (RawHttp http = new RawHttp(new Socket(), address.orElseThrow())) {
        Response refusal =
            http.send(RawHttp.bytes(RawHttp.head("GET", path) + "\r\n")).answerTo("GET");
        ProblemJson.of(refusal, 403, Problem.PROTECTED_MODE);
      }
    }
    try (RawHttp http = new RawHttp(new Socket(), address.orElseThrow())) {
      String probe = RawHttp.head("GET", "/actuator/health/readiness") + "\r\n";
      assertThat(http.send(RawHttp.bytes(probe)).answerTo("GET").status()).isEqualTo(200);
    }
  }

  @Test
  void foreignPagesChangeNothing() {
    try (RawHttp http = new RawHttp(port)) {
      assertThat(http.ask("PUT", "/kv/protected-page", RawHttp.bytes("v")).status()).isEqualTo(201);
      String origin = "Origin: http://evil.example";
      for (String method : new String[] {"PUT", "DELETE", "PATCH"}) {
        Response refusal = http.ask(method, "/kv/protected-page", RawHttp.bytes("w"), origin);
        ProblemJson.of(refusal, 403, Problem.ORIGIN_NOT_ALLOWED);
      }
      for (String path : new String[] {"/batch", "/txn"}) {
        Response refusal = http.ask("POST", path, RawHttp.bytes("{}"), origin);
        ProblemJson.of(refusal, 403, Problem.ORIGIN_NOT_ALLOWED);
      }
      ProblemJson.of(http.ask("DELETE", "/keys?prefix=", origin), 403, Problem.ORIGIN_NOT_ALLOWED);
      ProblemJson.of(
          http.ask("DELETE", "/kv/protected-page", "Origin: null"),
          403,
          Problem.ORIGIN_NOT_ALLOWED);
      assertThat(http.ask("GET", "/kv/protected-page").text()).isEqualTo("v");
      Response read = http.ask("GET", "/kv/protected-page", origin);
      assertThat(read.status()).isEqualTo(200);
      assertThat(read.header("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  @Test
  void ownPagesAreServed() {
    try (RawHttp http = new RawHttp(port)) {
      assertThat(http.ask("DELETE", "/kv/protected-own", "Origin: http://localhost").status())
          .isEqualTo(204);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator;x/health",
        "/%61ctuator/health",
        "/actuator/./health",
        "/actuator/shards/../health",
        "//actuator/health",
        "/actuator//health",
        "/txn;x",
        "//watch",
        "/keys;a=b",
        "/%6beys",
        "/%6bv/a",
        "/%74xn",
        "/keys/.",
        "/keys/..",
        "/..",
        "/../../x",
        "/x/../kv/a",
        "/.%2e/keys",
        "/keys%zz",
        "/%",
        "/keys%00",
        "/keys%2F",
        "/kv;x/a",
        "/keys\\x"
      })
  void onlyCanonicalPathsAreServed(String path) {
    ProblemJson.of(get(path, "localhost"), 404, Problem.NOT_FOUND);
  }
}
