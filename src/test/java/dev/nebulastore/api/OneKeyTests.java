package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What each method does with a key, and each header of its response. */
@ServerTest
class OneKeyTests {

  private static final byte[] VALUE = RawHttp.bytes("a value");

  private final RawHttp http;
  private final SteppedTime time;
  private String key = "";

  OneKeyTests(@LocalServerPort int port, SteppedTime time) {
    this.http = new RawHttp(port);
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "/kv/one/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", key);
    http.close();
  }

  @Test
  void putCreatesThenReplaces() {
    Response created = http.ask("PUT", key, VALUE);
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body()).isEmpty();
    Response replaced = http.ask("PUT", key, RawHttp.bytes("another"));
    assertThat(replaced.status()).isEqualTo(204);
    Response found = http.ask("GET", key);
    assertThat(found.text()).isEqualTo("another");
    assertThat(found.etag()).isEqualTo(replaced.etag()).isNotEqualTo(created.etag());
  }

  @Test
  void getReturnsAllHeadersOfTheContract() {
    String etag = http.ask("PUT", key, VALUE, "Content-Type: text/plain").etag();
    Instant written = time.instant();
    time.advance(Duration.ofSeconds(90));
    Response found = http.ask("GET", key);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.body()).isEqualTo(VALUE);
    assertThat(names(found))
        .containsExactlyInAnyOrder(
            "ETag",
            "Last-Modified",
            "Content-Type",
            "Content-Length",
            "Cache-Control",
            "Accept-Ranges",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "Cross-Origin-Resource-Policy",
            "Date");
    assertThat(found.header("ETag")).hasValue(etag);
    assertThat(found.header("Content-Type")).hasValue("text/plain");
    assertThat(found.header("Content-Length")).hasValue("7");
    assertThat(found.header("Cache-Control")).hasValue("no-cache");
    assertThat(found.header("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(found.header("Content-Security-Policy")).hasValue("sandbox; default-src 'none'");
    String modified = found.header("Last-Modified").orElseThrow();
    assertThat(modified)
        .matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
    assertThat(ZonedDateTime.parse(modified, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
        .isEqualTo(written.truncatedTo(ChronoUnit.SECONDS));
  }

  @Test
  void headIsGetWithoutTheBody() {
    http.ask("PUT", key + "?ttl=1d", VALUE, "Content-Type: text/plain; charset=utf-8");
    assertThat(names(http.ask("GET", key))).contains("Nebula-Expires");
    assertSameHead(http.ask("HEAD", key), http.ask("GET", key));
    String known = "If-None-Match: " + http.ask("GET", key).etag();
    assertSameHead(http.ask("HEAD", key, known), http.ask("GET", key, known));
    assertSameHead(
        http.ask("HEAD", key, "If-Match: \"x\""), http.ask("GET", key, "If-Match: \"x\""));
    http.ask("DELETE", key);
    assertSameHead(http.ask("HEAD", key), http.ask("GET", key));
  }

  @Test
  void absentKeyIsA404() {
    Response absent = http.ask("GET", key);
    ProblemJson problem = ProblemJson.of(absent, 404, Problem.KEY_NOT_FOUND);
    assertThat(problem.member("key")).isEqualTo(key.substring("/kv/".length()));
    assertThat(problem.member("instance")).isEqualTo(key);
    assertThat(absent.header("ETag")).isEmpty();
    ProblemJson.of(http.ask("PATCH", key + "?ttl=5m"), 404, Problem.KEY_NOT_FOUND);
    assertThat(http.ask("HEAD", key).status()).isEqualTo(404);
  }

  @Test
  void deleteIsIdempotent() {
    http.ask("PUT", key, VALUE);
    for (int i = 0; i < 3; i++) {
      Response deleted = http.ask("DELETE", key);
      assertThat(deleted.status()).isEqualTo(204);
      assertThat(names(deleted)).containsExactly("Date");
      assertThat(http.ask("GET", key).status()).isEqualTo(404);
    }
  }

  @Test
  void patchChangesTheExpiryAlone() {
    String created = http.ask("PUT", key, VALUE, "Content-Type: a/b ; c=d").etag();
    Response patched = http.ask("PATCH", key + "?ttl=5m");
    assertThat(patched.status()).isEqualTo(204);
    assertThat(patched.etag()).isNotEqualTo(created);
    Response found = http.ask("GET", key);
    assertThat(found.body()).isEqualTo(VALUE);
    assertThat(found.header("Content-Type")).hasValue("a/b ; c=d");
    assertThat(found.etag()).isEqualTo(patched.etag());
    assertThat(found.header("Nebula-Expires"))
        .hasValue(time.instant().plus(Duration.ofMinutes(5)).toString());
  }

  @Test
  void optionsListsTheMethods() {
    Response options = http.ask("OPTIONS", key);
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow")).hasValue("GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS");
    assertThat(options.body()).isEmpty();
    assertThat(http.ask("GET", key).status()).isEqualTo(404);
  }

  @Test
  void etagIsStrongAndUniquePerWrite() {
    List<String> etags = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      etags.add(http.ask("PUT", key, VALUE).etag());
      etags.add(http.ask("PUT", key, VALUE).etag());
      etags.add(http.ask("PATCH", key + "?ttl=5m").etag());
      http.ask("DELETE", key);
      etags.add(http.ask("PUT", key + "?ttl=1m", VALUE).etag());
      time.advance(Duration.ofMinutes(1));
      assertThat(http.ask("GET", key).status()).isEqualTo(404);
    }
    assertThat(etags)
        .doesNotHaveDuplicates()
        .allMatch(etag -> etag.matches("\"[\\x21\\x23-\\x7e]+\""));
    assertThat(etags.stream().map(OneKeyTests::version)).isSorted();
  }

  @Test
  void etagSurvivesReadsAndRefusals() {
    String etag = http.ask("PUT", key, VALUE).etag();
    http.ask("GET", key);
    http.ask("OPTIONS", key);
    http.ask("PUT", key, VALUE, "If-None-Match: *");
    http.ask("PATCH", key + "?ttl=5m", "If-Match: \"x\"");
    http.ask("DELETE", key, "If-Match: \"x\"");
    assertThat(http.ask("GET", key).etag()).isEqualTo(etag);
    assertThat(http.ask("GET", key, "If-None-Match: " + etag).etag()).isEqualTo(etag);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    http.send(
        RawHttp.bytes(RawHttp.head("PUT", key, "Content-Length: 3") + "\r\none"),
        RawHttp.bytes(RawHttp.head("GET", key) + "\r\n"),
        RawHttp.bytes(
            RawHttp.head("PUT", key, "Transfer-Encoding: chunked") + "\r\n3\r\ntwo\r\n0\r\n\r\n"),
        RawHttp.bytes(RawHttp.head("HEAD", key) + "\r\n"),
        RawHttp.bytes(RawHttp.head("GET", key) + "\r\n"),
        RawHttp.bytes(RawHttp.head("DELETE", key) + "\r\n"),
        RawHttp.bytes(RawHttp.head("GET", key) + "\r\n"));
    assertThat(http.answerTo("PUT").status()).isEqualTo(201);
    assertThat(http.answerTo("GET").text()).isEqualTo("one");
    assertThat(http.answerTo("PUT").status()).isEqualTo(204);
    assertThat(http.answerTo("HEAD").status()).isEqualTo(200);
    assertThat(http.answerTo("GET").text()).isEqualTo("two");
    assertThat(http.answerTo("DELETE").status()).isEqualTo(204);
    assertThat(http.answerTo("GET").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-HTTP-Method-Override: DELETE",
        "X-HTTP-Method: DELETE",
        "X-Original-URL: /x",
        "Accept: image/png",
        "Accept-Encoding: gzip",
        "Content-Encoding: gzip"
      })
  void unknownHeadersAreIgnored(String header) {
    http.ask("PUT", key, VALUE);
    Response found = http.ask("GET", key, header);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.body()).isEqualTo(VALUE);
    assertThat(found.header("Content-Encoding")).isEmpty();
  }

  private static void assertSameHead(Response head, Response get) {
    assertThat(head.status()).isEqualTo(get.status());
    assertThat(head.body()).isEmpty();
    assertThat(undated(head)).isEqualTo(undated(get));
  }

  private static List<Response.Header> undated(Response response) {
    return response.headers().stream().filter(header -> !header.name().equals("Date")).toList();
  }

  private static List<String> names(Response response) {
    return response.headers().stream().map(Response.Header::name).toList();
  }

  /** Decodes the entity tag, which clients must not do. */
  private static Revision version(String etag) {
    Versions versions = Etag.parse("If-Match", Collections.enumeration(List.of(etag)), false);
    return ((Versions.OneOf) Objects.requireNonNull(versions)).revisions().iterator().next();
  }
}
