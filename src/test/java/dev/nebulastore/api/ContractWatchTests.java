package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The check must accept what the contract allows and reject everything else: a check that never
 * fails proves nothing.
 */
class ContractWatchTests {

  private static final Map<String, String> VALUE =
      Map.of(
          "accept-ranges", "bytes",
          "etag", "\"42\"",
          "last-modified", "Sun, 22 Nov 2026 10:00:00 GMT",
          "cache-control", "no-cache",
          "content-type", "image/png",
          "x-content-type-options", "nosniff",
          "content-security-policy", "sandbox; default-src 'none'",
          "cross-origin-resource-policy", "same-origin",
          "date", "Sun, 22 Nov 2026 10:00:01 GMT");
  private static final Map<String, String> PROBLEM =
      Map.of(
          "Content-Type", "application/problem+json",
          "Cache-Control", "no-store",
          "X-Content-Type-Options", "nosniff");

  private final ContractWatch watch = new ContractWatch();

  @Test
  void listedAnswersPass() {
    assertThatCode(
            () -> {
              watch.observed("/kv/{key}", "GET", 200, VALUE);
              watch.observed("/kv/{key}", "HEAD", 200, VALUE);
              watch.observed(
                  "/kv/{key}", "GET", 200, with(VALUE, "Nebula-Expires", "2026-11-22T10:01:30Z"));
              watch.observed(
                  "/kv/{key}", "PUT", 201, Map.of("ETag", "\"1\"", "Content-Length", "0"));
              watch.observed("/kv/{key}", "DELETE", 204, Map.of());
              watch.observed(
                  "/kv/{key}",
                  "GET",
                  404,
                  with(PROBLEM, "Content-Type", "application/problem+json;charset=UTF-8"));
              watch.observed("/kv/{key}", "HEAD", 404, PROBLEM);
              watch.observed("/kv/{key}", "PUT", 412, PROBLEM);
              watch.observed("/kv/{key}", "PUT", 503, with(PROBLEM, "Retry-After", "1"));
              watch.observed("/kv/{key}", "MOVE", 405, with(PROBLEM, "Allow", "GET, PUT"));
            })
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, 200, not in the contract",
    "DELETE, 404, not in the contract",
    "PUT, 204, lacks ETag",
    "OPTIONS, 204, lacks Allow",
    "PUT, 507, Content-Type",
    "HEAD, 404, Content-Type",
    "MOVE, 200, without a contract",
    "MOVE, 405, Allow",
  })
  void unlistedAnswersFail(String method, int status, String why) {
    barks(method, status, Map.of(), why);
  }

  @Test
  void headersListedElsewhereFail() {
    barks("DELETE", 204, Map.of("etag", "\"1\""), "only elsewhere");
    barks("GET", 404, with(PROBLEM, "Retry-After", "1"), "only elsewhere");
  }

  @Test
  void errorsOfAnotherMediaTypeFail() {
    barks(
        "GET", 404, with(PROBLEM, "Content-Type", "text/html"), "text/html is not in the contract");
    barks(
        "HEAD",
        404,
        with(PROBLEM, "Content-Type", "text/html"),
        "text/html is not in the contract");
    barks("MOVE", 405, Map.of("Content-Type", "text/html", "Allow", "GET"), "problem+json");
  }

  @Test
  void unlistedBodiesFail() {
    barks("PUT", 201, Map.of("ETag", "\"1\"", "Content-Type", "text/plain"), "which has no body");
  }

  @Test
  void malformedHeadersFail() {
    barks("PUT", 201, Map.of("ETag", "W/\"1\""), "ETag of PUT 201");
    barks("GET", 200, with(VALUE, "cache-control", "no-store"), "Cache-Control of GET 200");
  }

  private void barks(String method, int status, Map<String, String> headers, String why) {
    assertThatThrownBy(() -> watch.observed("/kv/{key}", method, status, headers))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(why);
  }

  private static Map<String, String> with(Map<String, String> headers, String name, String value) {
    var more = new HashMap<>(headers);
    more.put(name, value);
    return more;
  }
}
