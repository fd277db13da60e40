package dev.nebulastore.api;

import static dev.nebulastore.api.error.Problem.INVALID_CONDITION;
import static dev.nebulastore.api.error.Problem.INVALID_PARAMETER;
import static dev.nebulastore.api.error.Problem.INVALID_REQUEST;
import static dev.nebulastore.api.error.Problem.INVALID_TTL;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A query parameter or a condition that can't be parsed is refused and never ignored. Otherwise
 * what it was meant to prevent would happen.
 */
@ServerTest
@TestInstance(Lifecycle.PER_CLASS)
class MalformedParametersTests {

  private static final String PATCH = RawHttp.head("PATCH", "/kv/a?ttl=5s");

  private static final List<Bad> QUERIES =
      Stream.of(
              "",
              "0",
              "0s",
              "-1",
              "-5s",
              "+5s",
              "5S",
              "5 s",
              "5s ",
              "s",
              "5ms",
              "5w",
              "5y",
              "1.5h",
              "1e3",
              "5s5s",
              "3651d",
              "315360001",
              "9999999999",
              "99999999999999999999",
              "0x5",
              "Inf",
              "NaN",
              "null",
              "forever",
              "none",
              "NONE",
              "PT",
              "P",
              "PT0S",
              "PT-5S",
              "PT0.999S",
              "P3651D",
              "P1Y",
              "P1M",
              "PT99999999999999999999H",
              "P106751991167301D",
              "٥s",
              "5s,6s",
              "2033-03-06T09:08:07Z")
          .map(ttl -> Bad.put(INVALID_TTL, "/kv/a?ttl=" + PercentCode.sparse(ttl)))
          .toList();

  private static final List<Bad> PARAMETERS =
      List.of(
          Bad.put(INVALID_TTL, "/kv/a?ttl"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=5s&ttl=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=5s&ttl=6s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=5s&%74tl=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?TTL=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?tll=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=5s&x=1"),
          Bad.put(INVALID_PARAMETER, "/kv/a?&x=1&"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl%20=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?x"),
          Bad.put(INVALID_PARAMETER, "/kv/a?=5s"),
          Bad.put(INVALID_PARAMETER, "/kv/a?%"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=%"),
          Bad.put(INVALID_PARAMETER, "/kv/a?ttl=%5"),
          Bad.put(INVALID_PARAMETER, "/kv/a?%FF=1"),
          Bad.line(INVALID_PARAMETER, "GET /kv/a?ttl=5s HTTP/1.1"),
          Bad.line(INVALID_PARAMETER, "GET /kv/a?x=1 HTTP/1.1"),
          Bad.line(INVALID_PARAMETER, "DELETE /kv/a?ttl=5s HTTP/1.1"),
          Bad.line(INVALID_PARAMETER, "DELETE /kv/a?x HTTP/1.1"),
          Bad.line(INVALID_TTL, "PATCH /kv/a HTTP/1.1"),
          Bad.line(INVALID_TTL, "PATCH /kv/a?ttl HTTP/1.1"),
          Bad.line(INVALID_TTL, "PATCH /kv/a?ttl= HTTP/1.1"),
          Bad.line(INVALID_TTL, "PATCH /kv/a?ttl=None HTTP/1.1"),
          Bad.line(INVALID_PARAMETER, "PATCH /kv/a?ttl=none&ttl=5s HTTP/1.1"),
          new Bad(INVALID_REQUEST, PATCH + "Content-Length: 2\r\n\r\n{}"),
          new Bad(
              INVALID_REQUEST, PATCH + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));

  private final int port;
  private final RawHttp http;
  private final Sentinels sentinels;

  MalformedParametersTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
    this.sentinels = new Sentinels(http);
  }

  @AfterAll
  void hangUp() {
    http.close();
  }

  static Stream<Bad> parameters() {
    return Stream.of(QUERIES, PARAMETERS).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void malformedParametersTouchNothing(Bad bad) {
    bad.isRefused(port);
    sentinels.areUntouched();
  }

  static Stream<String> lists() {
    return Stream.of(
        "",
        "abc",
        "\"abc",
        "abc\"",
        "'abc'",
        "\"",
        "\"a\"b\"",
        "\"a\" \"b\"",
        "\"a\"\"b\"",
        "**",
        "*, \"a\"",
        "\"a\", *",
        "*, *",
        "w/\"a\"",
        "W/",
        "W/abc",
        "W/ \"a\"",
        "W\"a\"",
        "\"a b\"",
        "\"a\tb\"",
        ",",
        ", ,",
        "\"a\", b",
        "\"a\"; \"b\"");
  }

  @ParameterizedTest
  @MethodSource("lists")
  void malformedTagListsTouchNothing(String list) {
    for (String name : List.of("If-Match: ", "If-None-Match: ")) {
      String condition = name + list;
      Bad.put(INVALID_CONDITION, "/kv/a", condition).isRefused(port);
      Bad.bare(INVALID_CONDITION, "GET", "/kv/a", condition).isRefused(port);
      Bad.bare(INVALID_CONDITION, "PATCH", "/kv/a?ttl=5s", condition).isRefused(port);
      Bad.bare(INVALID_CONDITION, "DELETE", "/kv/a", condition).isRefused(port);
    }
    sentinels.areUntouched();
  }
}
