package dev.nebulastore.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.fast.FastHandler.Exchange;
import dev.nebulastore.http.fast.FastRequestParser.Verdict;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FastRequestParserTests {

  /** Serves paths under /x/. */
  private static final class Some implements FastHandler {
    @Override
    public boolean serves(byte[] bytes, int from, int length) {
      return new String(bytes, from, length, ISO_8859_1).startsWith("/x/");
    }

    @Override
    public @Nullable Exchange prepare(FastRequest request) {
      return null;
    }
  }

  private final FastRequestParser head =
      new FastRequestParser(
          new Some(), host -> new String(host, ISO_8859_1).matches("[a-z]+(:[0-9]{4})?"));

  private Verdict read(String text) {
    byte[] bytes = text.replace("⏎", "\r\n").getBytes(ISO_8859_1);
    return head.read(bytes, bytes.length);
  }

  @Test
  void completeHeadIsParsed() {
    String text =
        """
        PUT /x/a%20b?ttl=5m HTTP/1.1⏎host: localhost:8080⏎User-Agent: curl/8⏎Accept: */*⏎\
        If-Match: "a", "b"⏎IF-MATCH: "c"⏎If-None-Match:*⏎Content-Type:  text/plain; charset=utf-8 ⏎\
        Connection: Keep-Alive⏎content-LENGTH: 007⏎⏎\
        """;
    assertThat(read(text + "GET /x/")).isEqualTo(Verdict.PLAIN);
    assertThat(head.length()).isEqualTo(text.replace("⏎", "\r\n").length());
    assertThat(head.contentLength()).isEqualTo(7);
    FastRequest request = head.request(InetAddress.getLoopbackAddress());
    assertThat(request.method()).isEqualTo("PUT");
    assertThat(request.path()).isEqualTo("/x/a%20b");
    assertThat(request.query()).isEqualTo("ttl=5m");
    assertThat(request.contentLength()).isEqualTo(7);
    assertThat(request.contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(request.ifMatch()).containsExactly("\"a\", \"b\"", "\"c\"");
    assertThat(request.ifNoneMatch()).containsExactly("*");
  }

  @Test
  void parserKeepsNothingOfThePreviousHead() {
    assertThat(read("PUT /x/a?b HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Content-Type: t⏎If-Match: *⏎⏎"))
        .isEqualTo(Verdict.PLAIN);
    assertThat(read("GET /x/c HTTP/1.1⏎Host: x⏎⏎")).isEqualTo(Verdict.PLAIN);
    FastRequest request = head.request(InetAddress.getLoopbackAddress());
    assertThat(request.query()).isNull();
    assertThat(request.contentLength()).isZero();
    assertThat(request.contentType()).isNull();
    assertThat(request.ifMatch()).isEmpty();
    assertThat(read("GET /x/c HTTP/1.1⏎⏎")).isEqualTo(Verdict.OTHER);
  }

  @Test
  void tokensAreForgotten() {
    assertThat(read("GET /x/a HTTP/1.1⏎Host: x⏎Authorization: b⏎⏎")).isEqualTo(Verdict.PLAIN);
    assertThat(head.request(InetAddress.getLoopbackAddress()).sender().authorization())
        .isEqualTo("b");
    head.forgetToken();
    assertThat(head.request(InetAddress.getLoopbackAddress()).sender().authorization()).isNull();
  }

  @Test
  void prefixesOfAPlainHeadAreIncomplete() {
    String text = "DELETE /x/a HTTP/1.1⏎Host: x⏎Accept: b⏎⏎".replace("⏎", "\r\n");
    // Before the path has arrived it may be anything. Tomcat waits for the rest too.
    for (int length = "DELETE /x/".length(); length < text.length(); length++) {
      assertThat(read(text.substring(0, length))).as("%s", length).isEqualTo(Verdict.INCOMPLETE);
    }
    assertThat(read(text)).isEqualTo(Verdict.PLAIN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PATCH /x/a HTTP/1.1⏎Host: x⏎⏎",
        "HEAD /x/a HTTP/1.1⏎Host: x⏎⏎",
        "OPTIONS /x/a HTTP/1.1⏎Host: x⏎⏎",
        "get /x/a HTTP/1.1⏎Host: x⏎⏎",
        "GETX /x/a HTTP/1.1⏎Host: x⏎⏎",
        " GET /x/a HTTP/1.1⏎Host: x⏎⏎",
        "⏎GET /x/a HTTP/1.1⏎Host: x⏎⏎",
        "GET  /x/a HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a  HTTP/1.1⏎Host: x⏎⏎",
        "GET /y/a HTTP/1.1⏎Host: x⏎⏎",
        "GET http://x/x/a HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a HTTP/1.0⏎Host: x⏎⏎",
        "GET /x/a HTTP/1.1 ⏎Host: x⏎⏎",
        "GET /x/a HTTP/1.1\nHost: x\n\n",
        "GET /x/a HTTP/1.1\rHost: x⏎⏎",
        "GET /x/a⏎⏎",
        "GET /x/a?b?c HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a#b HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a|b HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a\\b HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/é HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a\u0000 HTTP/1.1⏎Host: x⏎⏎",
        "GET /x/a HTTP/1.1⏎⏎",
        "GET /x/a HTTP/1.1⏎Host:⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: a b⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x:y⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x:123456⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Host: x⏎⏎",
        "GET /x/a HTTP/1.1⏎ Host: x⏎⏎",
        "GET /x/a HTTP/1.1⏎Host : x⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎\tb⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Accept⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎: b⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Accept: a\rb⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Accept: a\nb⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Accept: a\u0000⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Accept: é⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Unknown: b⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Authorization: b⏎Authorization: b⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Prefer: wait=5⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎If-Modified-Since: b⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Connection: close⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Connection: keep-alive, upgrade⏎⏎",
        "GET /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎⏎a",
        "DELETE /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎⏎a",
        "PUT /x/a HTTP/1.1⏎Host: x⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Transfer-Encoding: chunked⏎⏎0⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Transfer-Encoding: chunked⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length:⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: +1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: -1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1 1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1,1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 0x1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1234567890⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1048577⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Content-Length: 1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Content-Type: a⏎Content-Type: a⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Content-Encoding: gzip⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Content-Range: bytes 0-0/1⏎⏎",
        "PUT /x/a HTTP/1.1⏎Host: x⏎Content-Length: 1⏎Expect: 100-continue⏎⏎"
      })
  void uncommonHeadsAreLeftToTheServer(String text) {
    assertThat(read(text)).isEqualTo(Verdict.OTHER);
  }

  @Test
  void tooManyHeadersAreLeftToTheServer() {
    String line = "Accept: a⏎";
    assertThat(read("GET /x/a HTTP/1.1⏎Host: x⏎" + line.repeat(39) + "⏎")).isEqualTo(Verdict.PLAIN);
    assertThat(read("GET /x/a HTTP/1.1⏎Host: x⏎" + line.repeat(40) + "⏎")).isEqualTo(Verdict.OTHER);
  }

  @Test
  void newHostsAreValidated() {
    assertThat(read("GET /x/a HTTP/1.1⏎Host: ok⏎⏎")).isEqualTo(Verdict.PLAIN);
    assertThat(read("GET /x/a HTTP/1.1⏎Host: o k⏎⏎")).isEqualTo(Verdict.OTHER);
    assertThat(read("GET /x/a HTTP/1.1⏎Host: ok⏎⏎")).isEqualTo(Verdict.PLAIN);
    assertThat(read("GET /x/a HTTP/1.1⏎Host: o⏎⏎")).isEqualTo(Verdict.PLAIN);
  }
}
