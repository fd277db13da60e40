package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** A value is returned exactly as it was sent: its bytes and its media type. */
@ServerTest
class ValuesOverHttpTests {

  private static final int LIMIT = 1_048_576;
  private static final long SEED = 20_330_306;

  private final int port;
  private final RawHttp http;
  private String key = "";

  ValuesOverHttpTests(@LocalServerPort int port) {
    this.port = port;
    this.http = new RawHttp(port);
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "/kv/values/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", key);
    http.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255, 4_096, 8_191, 8_192, 8_193, 65_537, LIMIT - 1, LIMIT})
  void valuesComeBackUnchanged(int size) {
    byte[] value = random(size);
    assertThat(http.ask("PUT", key, value).status()).isEqualTo(201);
    comesBack(value);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8_192, 8_193, 100_003, LIMIT})
  void chunkedValuesComeBackUnchanged(int size) {
    byte[] value = random(size);
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    for (int from = 0, length = 1; from < size; from += length, length = length * 3 % 20_011 + 1) {
      int to = Math.min(size, from + length);
      chunks.writeBytes(RawHttp.bytes(Integer.toHexString(to - from) + ";x=\"y\"\r\n"));
      chunks.writeBytes(Arrays.copyOfRange(value, from, to));
      chunks.writeBytes(RawHttp.bytes("\r\n"));
    }
    chunks.writeBytes(RawHttp.bytes("0\r\nX-Trailer: z\r\n\r\n"));
    String head = RawHttp.head("PUT", key, "Transfer-Encoding: chunked") + "\r\n";
    Response created = http.send(RawHttp.bytes(head), chunks.toByteArray()).answerTo("PUT");
    assertThat(created.status()).isEqualTo(201);
    comesBack(value);
  }

  @Test
  void everyByteIsKept() {
    byte[] value = new byte[256];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }
    http.ask("PUT", key, value, "Content-Type: text/plain; charset=utf-8");
    comesBack(value);
  }

  @Test
  void putWithoutBodyIsAnEmptyValue() {
    assertThat(http.ask("PUT", key).status()).isEqualTo(201);
    comesBack(new byte[0]);
  }

  @Test
  void tooLargeValueLeavesTheOldOne() {
    byte[] value = random(LIMIT);
    http.ask("PUT", key, value);
    try (RawHttp own = new RawHttp(port)) {
      ProblemJson.of(own.ask("PUT", key, random(LIMIT + 1)), 413, Problem.VALUE_TOO_LARGE);
    }
    comesBack(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/plain; charset=utf-8",
        "text/plain;charset=UTF-8",
        "text/plain;charset=utf-8",
        "text/plain ;  charset=\"utf-8\"",
        "TEXT/Html;CHARSET=Iso-8859-1",
        "text/html",
        "text/plain; charset=no-such-charset",
        "text/plain; charset=",
        "text/plain; charset",
        "text/plain; charset=utf-8; charset=us-ascii",
        "text/plain; format=flowed; charset=us-ascii",
        "text/plain; x=\"a; charset=b\"",
        "text/plain;",
        "text/plain;;",
        "application/json",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/vnd.x+json; profile=\"https://x/a b\"",
        "image/svg+xml",
        "message/http",
        "*/*",
        "a",
        "a/b/c",
        "text/plain, text/html",
        "text/plain; title=\"\u00e9\""
      })
  void contentTypeComesBackUnchanged(String type) {
    http.ask("PUT", key, RawHttp.bytes("a=b&c=%20+"), "Content-Type: " + type);
    comesBack(RawHttp.bytes("a=b&c=%20+"));
    assertThat(http.ask("GET", key).header("Content-Type")).hasValue(type);
    assertThat(http.ask("HEAD", key).header("Content-Type")).hasValue(type);
  }

  @Test
  void defaultTypeIsOctetStream() {
    http.ask("PUT", key, RawHttp.bytes("a"), "Content-Type: text/plain");
    http.ask("PUT", key, RawHttp.bytes("b"));
    assertThat(http.ask("GET", key).header("Content-Type")).hasValue("application/octet-stream");
    http.ask("PUT", key, RawHttp.bytes("c"), "Content-Type:");
    assertThat(http.ask("GET", key).header("Content-Type")).hasValue("application/octet-stream");
  }

  @Test
  void formIsAValueLikeAnyOther() {
    String form = "Content-Type: application/x-www-form-urlencoded";
    byte[] body = RawHttp.bytes("ttl=5s&_method=DELETE&x=1");
    assertThat(http.ask("PUT", key, body, form).status()).isEqualTo(201);
    comesBack(body);
    assertThat(http.ask("GET", key).header("Nebula-Expires")).isEmpty();
    assertThat(http.ask("PUT", key + "?ttl=1h", body, form).status()).isEqualTo(204);
    comesBack(body);
  }

  @Test
  void identityCodingIsAccepted() {
    byte[] value = RawHttp.bytes("plain");
    assertThat(http.ask("PUT", key, value, "Content-Encoding: identity").status()).isEqualTo(201);
    comesBack(value);
    assertThat(http.ask("GET", key).header("Content-Encoding")).isEmpty();
  }

  @Test
  void expectContinueIsConfirmed() {
    String head = RawHttp.head("PUT", key, "Expect: 100-continue", "Content-Length: 5") + "\r\n";
    assertThat(http.send(RawHttp.bytes(head)).answerTo("PUT").status()).isEqualTo(100);
    assertThat(http.send(RawHttp.bytes("hello")).answerTo("PUT").status()).isEqualTo(201);
    comesBack(RawHttp.bytes("hello"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 1048577",
        "Content-Length: 5\r\nContent-Encoding: gzip",
        "Content-Length: 5\r\nContent-Range: bytes 0-4/5",
        "Content-Length: 5\r\nIf-Match: x"
      })
  void expectContinueIsRefusedBeforeTheBody(String headers) {
    try (RawHttp own = new RawHttp(port)) {
      String head = RawHttp.head("PUT", key, "Expect: 100-continue", headers) + "\r\n";
      assertThat(own.send(RawHttp.bytes(head)).answerTo("PUT").status()).isIn(400, 413, 415);
    }
    assertThat(http.ask("GET", key).status()).isEqualTo(404);
  }

  private void comesBack(byte[] value) {
    Response found = http.ask("GET", key);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.body()).isEqualTo(value);
    assertThat(found.header("Content-Length")).hasValue("" + value.length);
    assertThat(http.ask("HEAD", key).header("Content-Length")).hasValue("" + value.length);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(SEED).nextBytes(bytes);
    return bytes;
  }
}
