package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server that refuses overwrites without a condition, and has small limits. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.require-preconditions=true",
      "nebula.limits.value-size=10B",
      "nebula.shards.count=1"
    })
class RequiredPreconditionsTests {

  private static final byte[] VALUE = RawHttp.bytes("a value");

  private final int port;
  private final RawHttp http;
  private String key = "";

  RequiredPreconditionsTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "/kv/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", key);
    http.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X: y",
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Unmodified-Since: tomorrow"
      })
  void overwriteWithoutConditionIsRefused(String header) {
    String etag = http.ask("PUT", key, VALUE).etag();
    Response refused = http.ask("PUT", key, RawHttp.bytes("another"), header);
    ProblemJson.of(refused, 428, Problem.PRECONDITION_REQUIRED);
    Response found = http.ask("GET", key);
    assertThat(found.text()).isEqualTo("a value");
    assertThat(found.etag()).isEqualTo(etag);
  }

  @Test
  void conditionDecidesAnOverwrite() {
    String first = http.ask("PUT", key, VALUE).etag();
    Response second = http.ask("PUT", key, VALUE, "If-Match: " + first);
    assertThat(second.status()).isEqualTo(204);
    ProblemJson.of(
        http.ask("PUT", key, VALUE, "If-Match: " + first), 412, Problem.PRECONDITION_FAILED);
    ProblemJson.of(
        http.ask("PUT", key, VALUE, "If-None-Match: *"), 412, Problem.PRECONDITION_FAILED);
    assertThat(http.ask("PUT", key, VALUE, "If-Match: *").status()).isEqualTo(204);
    String modified = http.ask("GET", key).header("Last-Modified").orElseThrow();
    assertThat(http.ask("PUT", key, VALUE, "If-Unmodified-Since: " + modified).status())
        .isEqualTo(204);
  }

  @Test
  void addingNeedsNoCondition() {
    http.ask("PUT", key, RawHttp.bytes("1"));
    assertThat(http.ask("POST", key + "?add=1").text()).isEqualTo("2");
    byte[] lines =
        RawHttp.bytes("{\"op\":\"add\",\"key\":\"%s\",\"add\":1}".formatted(key.substring(4)));
    assertThat(http.ask("POST", "/batch", lines, "Content-Type: application/x-ndjson").text())
        .startsWith("{\"status\":200,")
        .contains("\"value\":\"3\"");
  }

  @Test
  void newEntryNeedsNoCondition() {
    assertThat(http.ask("PUT", key, VALUE).status()).isEqualTo(201);
    assertThat(http.ask("PATCH", key + "?ttl=5m").status()).isEqualTo(204);
    assertThat(http.ask("DELETE", key).status()).isEqualTo(204);
    assertThat(http.ask("PUT", key, VALUE).status()).isEqualTo(201);
  }

  /** A put that comes too late must not delete what it could not have overwritten. */
  @Test
  void expiredPutDeletesNothingWithoutACondition() {
    String etag = http.ask("PUT", key, VALUE).etag();
    String put =
        "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"\",\"expires\":\"1999-01-01T00:00:00Z\"%s}";
    String name = key.substring("/kv/".length());
    String matching = ",\"ifMatch\":\"" + etag.replace("\"", "\\\"") + "\"";
    String lines = put.formatted(name, "") + "\n" + put.formatted(name, matching);
    Response answers =
        http.ask("POST", "/batch", RawHttp.bytes(lines), "Content-Type: application/x-ndjson");
    assertThat(answers.text().lines().map(line -> line.substring(0, 13)))
        .containsExactly("{\"status\":412", "{\"status\":204");
    assertThat(http.ask("GET", key).status()).isEqualTo(404);
  }

  @Test
  void valueMayBeAsLargeAsConfigured() {
    assertThat(http.ask("PUT", key, RawHttp.bytes("0123456789")).status()).isEqualTo(201);
    try (RawHttp own = new RawHttp(port)) {
      Response refused = own.ask("PUT", key, RawHttp.bytes("0123456789a"), "If-Match: *");
      ProblemJson.of(refused, 413, Problem.VALUE_TOO_LARGE);
    }
    assertThat(http.ask("GET", key).text()).isEqualTo("0123456789");
  }
}
