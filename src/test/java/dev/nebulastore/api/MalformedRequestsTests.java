package dev.nebulastore.api;

import static dev.nebulastore.api.error.Problem.EXPECTATION_FAILED;
import static dev.nebulastore.api.error.Problem.HEADER_FIELDS_TOO_LARGE;
import static dev.nebulastore.api.error.Problem.INVALID_PARAMETER;
import static dev.nebulastore.api.error.Problem.INVALID_REQUEST;
import static dev.nebulastore.api.error.Problem.METHOD_NOT_ALLOWED;
import static dev.nebulastore.api.error.Problem.NOT_IMPLEMENTED;
import static dev.nebulastore.api.error.Problem.UNSUPPORTED_CODING;
import static dev.nebulastore.api.error.Problem.URI_TOO_LONG;
import static dev.nebulastore.api.error.Problem.VALUE_TOO_LARGE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A malformed request gets a problem that says what the client did wrong, changes no entry, and
 * does not stop the server. Each request is a row of bytes.
 */
@ServerTest
@TestInstance(Lifecycle.PER_CLASS)
class MalformedRequestsTests {

  /** The default limit of Tomcat. */
  private static final int MAX_HEAD = 8 << 10;

  private static final String LONG = "x".repeat(500);

  private static final List<Bad> LINES =
      List.of(
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/9.9"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/2.0"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/0.9"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/1"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/1.1.1"),
          Bad.line(INVALID_REQUEST, "GET /kv/a http/1.1"),
          Bad.line(INVALID_REQUEST, "GET /kv/a FTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/1.1 x"),
          Bad.line(INVALID_REQUEST, "GET /kv/a b HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET"),
          Bad.line(INVALID_REQUEST, "/kv/a"),
          Bad.line(INVALID_REQUEST, "G@T /kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GE\u0000T /kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "\u0016\u0003\u0001\u0000\u00a5"),
          Bad.line(INVALID_REQUEST, "GET kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET * HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "DELETE * HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET ftp://x/kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET http:///kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET http://a b/kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET http://localhost:y/kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET http://:80@/kv/a HTTP/1.1"),
          Bad.line(NOT_IMPLEMENTED, "CONNECT x:80 HTTP/1.1"),
          Bad.line(NOT_IMPLEMENTED, "CONNECT /kv/a HTTP/1.1"),
          Bad.line(URI_TOO_LONG, "GET /kv/" + "k".repeat(9_000) + " HTTP/1.1"),
          Bad.line(URI_TOO_LONG, "GET /kv/" + "k".repeat(MAX_HEAD) + " HTTP/1.1"),
          Bad.line(URI_TOO_LONG, "\r\n\r\nGET /kv/" + "k".repeat(9_000) + " HTTP/1.1"),
          Bad.line(URI_TOO_LONG, "GET /kv/a?" + "q".repeat(9_000) + " HTTP/1.1"),
          Bad.line(URI_TOO_LONG, "G".repeat(9_000) + " /kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "GET /kv/a HTTP/1.1\nX: y"),
          Bad.line(INVALID_REQUEST, "\nGET /kv/a HTTP/1.1"),
          Bad.line(INVALID_REQUEST, "\r\rGET /kv/a HTTP/1.1"),
          Bad.line(INVALID_PARAMETER, "POST /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "TRACE /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "get /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "Put /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "delete /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "PURGE /kv/a HTTP/1.1"),
          Bad.line(METHOD_NOT_ALLOWED, "PROPFIND /kv/a HTTP/1.1"));

  private static final List<Bad> HEADERS =
      List.of(
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\r\n\r\n"),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\r\nHost: a b\r\n\r\n"),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\r\nHost: localhost:y\r\n\r\n"),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\r\n Host: localhost\r\n\r\n"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "Host: localhost"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "Host: y"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "Bad Name: x"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "Bad(Name): x"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "Name\u00e9: x"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "NoColon"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", ": x"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "If-Match : \"x\""),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X: a\u0000b"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X: a\rb"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X: y\nZ: z"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X: y\n\nZ: z"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X:y\r\n z"),
          Bad.bare(INVALID_REQUEST, "GET", "/kv/a", "X:\r\n\tz"),
          Bad.bare(INVALID_REQUEST, "DELETE", "/kv/a", "If-Match:\r\n \"other\""),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\r\nHost: localhost\n\n"),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.1\nHost: localhost\n\n"),
          new Bad(INVALID_REQUEST, "GET /kv/a HTTP/1.0\n\n"),
          Bad.bare(HEADER_FIELDS_TOO_LARGE, "GET", "/kv/a", "X: " + "x".repeat(9_000)),
          Bad.bare(HEADER_FIELDS_TOO_LARGE, "GET", "/kv/a", "X: " + "x".repeat(MAX_HEAD)),
          Bad.bare(HEADER_FIELDS_TOO_LARGE, "GET", "/kv/" + "k".repeat(8_000), "X: " + LONG),
          Bad.bare(HEADER_FIELDS_TOO_LARGE, "GET", "/kv/a", "X: y\r\n".repeat(500) + "X: y"),
          Bad.put(EXPECTATION_FAILED, "/kv/a", "Expect: more"),
          Bad.put(EXPECTATION_FAILED, "/kv/a", "Expect: 200-ok"),
          Bad.put(EXPECTATION_FAILED, "/kv/a", "Expect: 100-continue, 200-ok"),
          Bad.put(INVALID_REQUEST, "/kv/a", "Expect: more", "NoColon"),
          Bad.put(UNSUPPORTED_CODING, "/kv/a", "Content-Encoding: gzip"),
          Bad.put(UNSUPPORTED_CODING, "/kv/a", "Content-Encoding: br, identity"),
          Bad.put(
              UNSUPPORTED_CODING, "/kv/a", "Content-Encoding: identity", "Content-Encoding: gzip"),
          Bad.put(INVALID_REQUEST, "/kv/a", "Content-Range: bytes 0-4/5"),
          Bad.put(INVALID_REQUEST, "/kv/a", "Content-Range: x"));

  private static final List<Bad> FRAMING =
      List.of(
          Bad.framed("Content-Length: -1", ""),
          Bad.framed("Content-Length: -5", "wrong"),
          Bad.framed("Content-Length: +5", "wrong"),
          Bad.framed("Content-Length: 0x5", "wrong"),
          Bad.framed("Content-Length: 5.0", "wrong"),
          Bad.framed("Content-Length: five", "wrong"),
          Bad.framed("Content-Length:", "wrong"),
          Bad.framed("Content-Length: 5 5", "wrong"),
          Bad.framed("Content-Length: 5, 6", "wrong"),
          Bad.framed("Content-Length: 99999999999999999999", "wrong"),
          Bad.framed("Content-Length: 5\r\nContent-Length: 6", "wrong"),
          Bad.framed("Content-Length: 0\r\nContent-Length: 5", "wrong"),
          Bad.framed(NOT_IMPLEMENTED, "Transfer-Encoding: foo", "wrong"),
          Bad.framed(NOT_IMPLEMENTED, "Transfer-Encoding: identity", "wrong"),
          Bad.framed(NOT_IMPLEMENTED, "Transfer-Encoding: xchunked", "5\r\nwrong\r\n0\r\n\r\n"),
          Bad.framed(
              NOT_IMPLEMENTED, "Transfer-Encoding: gzip, chunked", "5\r\nwrong\r\n0\r\n\r\n"),
          Bad.framed("Transfer-Encoding: chunked, gzip", "5\r\nwrong\r\n0\r\n\r\n"),
          Bad.framed("Transfer-Encoding: chunked, chunked", "5\r\nwrong\r\n0\r\n\r\n"),
          Bad.framed("Transfer-Encoding:", "5\r\nwrong\r\n0\r\n\r\n"),
          Bad.framed("Transfer-Encoding: foo\r\nContent-Length: 5", "wrong"),
          Bad.framed("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
          Bad.framed("Transfer-Encoding: chunked\r\nContent-Length: 0", "0\r\n\r\n"),
          Bad.framed("Transfer-Encoding: chunked\r\nContent-Length:", "0\r\n\r\n"),
          Bad.framed("Content-Length: 5\r\nTransfer-Encoding:", "wrong"),
          Bad.framed("Content-Length: 5\r\nTransfer-Encoding:\r\n chunked", "wrong"),
          Bad.chunked(INVALID_REQUEST, "x\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "-5\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "0x5\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "5 \r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "FFFFFFFFFFFFFFFFF\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "100000005\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "3\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "5\nwrong\n0\n\n"),
          Bad.chunked(INVALID_REQUEST, "5;\u0000\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "\r\n5\r\nwrong\r\n0\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "5\r\nwrong\r\n0\r\nBad Trailer\r\n\r\n"),
          Bad.chunked(INVALID_REQUEST, "5\r\nwrong\r\n"),
          Bad.chunked(INVALID_REQUEST, "5\r\nwrong\r\n0\r\n"),
          Bad.chunked(INVALID_REQUEST, "9\r\nwrong"),
          Bad.body(INVALID_REQUEST, "Content-Length: 9", "wrong"),
          new Bad(
              INVALID_REQUEST,
              String.join(
                  "\r\n",
                  "PUT /kv/a HTTP/1.0",
                  "Host: localhost",
                  "Connection: keep-alive",
                  "Transfer-Encoding: chunked",
                  "",
                  "5",
                  "wrong",
                  "0",
                  "",
                  "")),
          Bad.body(VALUE_TOO_LARGE, "Content-Length: 999999999999", "wrong"),
          Bad.body(VALUE_TOO_LARGE, "Content-Length: 1048577", "w".repeat(1_048_577)),
          Bad.body(
              VALUE_TOO_LARGE,
              "Transfer-Encoding: chunked",
              "100001\r\n" + "w".repeat(1_048_577) + "\r\n0\r\n\r\n"),
          Bad.body(
              VALUE_TOO_LARGE,
              "Transfer-Encoding: chunked",
              ("8000\r\n" + "w".repeat(32_768) + "\r\n").repeat(33) + "0\r\n\r\n"));

  private final int port;
  private final RawHttp http;
  private final Sentinels sentinels;

  MalformedRequestsTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
    this.sentinels = new Sentinels(http);
  }

  @AfterAll
  void hangUp() {
    http.close();
  }

  static Stream<Bad> requests() {
    return Stream.of(LINES, HEADERS, FRAMING).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("requests")
  void isRefusedAndTouchesNothing(Bad bad) {
    bad.isRefused(port);
    sentinels.areUntouched();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /kv/a\r\n", "GET /kv/a\r\n\r\n", "DELETE /kv/a\r\n\r\n"})
  void requestWithoutVersionGetsNoValue(String request) {
    try (RawHttp own = new RawHttp(port)) {
      byte[] answer = own.send(RawHttp.bytes(request)).sendEnd().rest();
      ProblemJson.of(answer, 400, INVALID_REQUEST);
    }
    sentinels.areUntouched();
  }

  @Test
  void spacesAroundAValueAreNoFold() {
    String head = RawHttp.head("GET", "/kv/a", "X:   y \t z", "Y:", "Z: \t");
    assertThat(http.send(RawHttp.bytes(head + "\r\n")).answerTo("GET").status()).isEqualTo(200);
    // In a body, line feeds are bytes like others.
    String body = "a\nb\n c\r\n d\r\r\n";
    assertThat(http.ask("PUT", "/kv/malformed-body", RawHttp.bytes(body)).status()).isEqualTo(201);
    assertThat(http.ask("GET", "/kv/malformed-body").text()).isEqualTo(body);
    assertThat(http.ask("DELETE", "/kv/malformed-body").status()).isEqualTo(204);
  }

  /** The reason is told, and a proxy need not open another connection. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                | no Host",
        "Host: localhost; Host: localhost| more than one Host",
        "Host: ; Host: localhost         | more than one Host",
        "Host: a b                       | must be a host name",
        "Host: localhost:y               | must be a host name",
        "Host: [::1                      | must be a host name"
      })
  void wrongHostIsToldAndTheConnectionKept(@Nullable String hosts, String reason) {
    String lines = hosts == null ? "" : hosts.replace("; ", "\r\n") + "\r\n";
    for (String line : List.of("GET /kv/a", "GET /keys", "OPTIONS *", "GET //x")) {
      try (RawHttp own = new RawHttp(port)) {
        own.send(RawHttp.bytes(line + " HTTP/1.1\r\n" + lines + "\r\n"));
        Response refusal = own.answerTo("GET");
        assertThat(ProblemJson.of(refusal, 400, INVALID_REQUEST).member("detail")).contains(reason);
        assertThat(refusal.header("Connection")).isEmpty();
        assertThat(own.ask("GET", "/kv/a").status()).isEqualTo(200);
      }
    }
    sentinels.areUntouched();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /kv/%zz, 0, false",
    "HEAD, /kv/%zz, 0, false",
    "PUT, /kv/%zz, 0, false",
    "PUT, /kv/%zz, 5, false",
    "PUT, /kv/%zz, 16384, false",
    "PUT, /kv/%zz, 16385, true",
    "PATCH, /kv/a, 0, false",
    "POST, /txn, 5, false",
    "DELETE, /keys, 0, false"
  })
  void connectionIsKeptIfAllWasRead(String method, String target, int size, boolean closed) {
    try (RawHttp own = new RawHttp(port)) {
      byte[] body = RawHttp.bytes("x".repeat(size));
      Response refusal = own.ask(method, target, body, "Content-Type: application/json");
      assertThat(refusal.status()).isEqualTo(400);
      assertThat(refusal.header("Connection").isPresent()).isEqualTo(closed);
      if (!closed) {
        assertThat(own.ask("GET", "/kv/a").status()).isEqualTo(200);
      }
    }
    sentinels.areUntouched();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Expect: 100-continue", "Connection: close"})
  void connectionIsClosedIfTheClientMaySendNoMore(String header) {
    try (RawHttp own = new RawHttp(port)) {
      own.send(RawHttp.bytes(RawHttp.head("PUT", "/kv/%zz", header) + "Content-Length: 5\r\n\r\n"));
      own.send(RawHttp.bytes(header.startsWith("C") ? "wrong" : ""));
      assertThat(own.answerTo("PUT").header("Connection")).hasValue("close");
      assertThat(own.rest()).isEmpty();
    }
  }

  @Test
  void optionsOfTheServerListNoMethodsOfKeys() {
    try (RawHttp own = new RawHttp(port)) {
      assertThat(own.ask("OPTIONS", "*").status()).isBetween(200, 299);
    }
    sentinels.areUntouched();
  }
}
