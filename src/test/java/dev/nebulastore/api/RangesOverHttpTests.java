package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Parts of values (RFC 9110, section 14). */
@ServerTest
class RangesOverHttpTests {

  private static final String KEY = "/kv/ranges";

  private final RawHttp http;
  private final String etag;

  RangesOverHttpTests(@LocalServerPort int port) {
    http = new RawHttp(port);
    etag = put("0123456789");
  }

  private String put(String value) {
    return http.ask("PUT", KEY, RawHttp.bytes(value), "Content-Type: text/plain").etag();
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", KEY);
    http.close();
  }

  private void isWhole(Response answer) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Range")).isEmpty();
    assertThat(answer.header("Content-Length")).hasValue("10");
    assertThat(answer.header("Accept-Ranges")).hasValue("bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "0-0,0,0-0",
    "0-3,0123,0-3",
    "3-,3456789,3-9",
    "-2,89,8-9",
    "9-99,9,9-9",
    "-99,0123456789,0-9"
  })
  void partIsSentWithItsPosition(String range, String part, String positions) {
    Response answer = http.ask("GET", KEY, "Range: bytes=" + range);
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.text()).isEqualTo(part);
    assertThat(answer.header("Content-Range")).hasValue("bytes " + positions + "/10");
    assertThat(answer.header("Content-Length")).hasValue("" + part.length());
    assertThat(answer.header("Content-Type")).hasValue("text/plain");
    assertThat(answer.header("Accept-Ranges")).hasValue("bytes");
    assertThat(answer.etag()).isEqualTo(etag);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-1,4-5", "bytes=5-3", "bytes=x", "lines=0-1", ""})
  void otherRangesGetTheWholeValue(String range) {
    isWhole(http.ask("GET", KEY, "Range: " + range));
    isWhole(http.ask("GET", KEY, "Range: bytes=0-1", "Range: bytes=0-1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10-", "11-20", "-0"})
  void rangeBeyondTheValueIsRefusedWithItsSize(String range) {
    Response answer = http.ask("GET", KEY, "Range: bytes=" + range);
    ProblemJson problem = ProblemJson.of(answer, 416, Problem.RANGE_NOT_SATISFIABLE);
    assertThat(problem.member("detail")).contains("10 bytes");
    assertThat(problem.member("key")).isEqualTo("ranges");
    assertThat(answer.header("Content-Range")).hasValue("bytes */10");
  }

  @Test
  void emptyValueHasNoParts() {
    put("");
    assertThat(http.ask("GET", KEY, "Range: bytes=0-").status()).isEqualTo(416);
    Response last = http.ask("GET", KEY, "Range: bytes=-5");
    assertThat(last.status()).isEqualTo(200);
    assertThat(last.body()).isEmpty();
  }

  @Test
  void onlyGetHasRanges() {
    isWhole(http.ask("HEAD", KEY, "Range: bytes=0-1"));
    isWhole(http.ask("HEAD", KEY, "Range: bytes=99-"));
    assertThat(http.ask("GET", KEY + "-none", "Range: bytes=0-1").status()).isEqualTo(404);
    byte[] other = RawHttp.bytes("ab");
    assertThat(http.ask("PUT", KEY, other, "Range: bytes=0-1").status()).isEqualTo(204);
    assertThat(http.ask("GET", KEY).text()).isEqualTo("ab");
  }

  @Test
  void partIsSentOnlyOfTheVersionThatIsNamed() {
    String range = "Range: bytes=0-1";
    assertThat(http.ask("GET", KEY, range, "If-Range: " + etag).status()).isEqualTo(206);
    isWhole(http.ask("GET", KEY, range, "If-Range: W/" + etag));
    isWhole(http.ask("GET", KEY, range, "If-Range: \"other\""));
    isWhole(http.ask("GET", KEY, range, "If-Range: *"));
    isWhole(http.ask("GET", KEY, range, "If-Range: " + etag, "If-Range: " + etag));
    String modified = http.ask("GET", KEY).header("Last-Modified").orElseThrow();
    isWhole(http.ask("GET", KEY, range, "If-Range: " + modified));
    isWhole(http.ask("GET", KEY, "If-Range: " + etag));
    put("abcdefghij");
    Response changed = http.ask("GET", KEY, range, "If-Range: " + etag);
    isWhole(changed);
    assertThat(changed.text()).isEqualTo("abcdefghij");
    // A range that the old version had, and the new one has not.
    put("new");
    assertThat(http.ask("GET", KEY, "Range: bytes=5-", "If-Range: " + etag).text())
        .isEqualTo("new");
  }

  @Test
  void conditionsAreDecidedFirst() {
    String range = "Range: bytes=99-";
    assertThat(http.ask("GET", KEY, range, "If-None-Match: " + etag).status()).isEqualTo(304);
    assertThat(http.ask("GET", KEY, range, "If-Match: \"other\"").status()).isEqualTo(412);
    Response part =
        http.ask("GET", KEY, "Range: bytes=4-4", "If-None-Match: \"other\"", "Prefer: wait=5");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo("4");
    assertThat(part.header("Preference-Applied")).hasValue("wait=5");
  }

  @Test
  void partsMakeUpALargeValue() {
    byte[] value = new byte[300_000];
    new Random(5).nextBytes(value);
    http.ask("PUT", KEY, value);
    byte[] parts = new byte[value.length];
    for (int from = 0; from < value.length; ) {
      int to = Math.min(value.length, from + 70_001) - 1;
      byte[] part = http.ask("GET", KEY, "Range: bytes=" + from + "-" + to).body();
      System.arraycopy(part, 0, parts, from, part.length);
      from = to + 1;
    }
    assertThat(parts).isEqualTo(value);
    Response rest = http.ask("GET", KEY, "Range: bytes=123456-");
    assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(value, 123_456, value.length));
  }
}
