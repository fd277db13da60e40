package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostHeaderTests {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "localhost:8080",
        "10.0.0.1",
        "10.0.0.256:65535",
        "[::1]",
        "[::1]:80",
        "[2001:db8::192.0.2.1]:",
        "a-b.example",
        "x:",
        "nebula_store:8080",
        "_x",
        "-x-",
        "a..b.",
        "%c3%A9.example",
        "a~!$&'()*+,;=b:1",
        "",
        ":8080"
      })
  void hostsAreValid(String host) {
    assertThat(HostHeader.isValid(host.getBytes(ISO_8859_1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "x:y",
        "x:65536",
        "x:123456",
        "x:-1",
        "x:1:2",
        "x::1",
        "[::1",
        "::1",
        "[::1]x",
        "[::1]]",
        "[]",
        "[x]",
        "[::1]:y",
        "[::1]:1:2",
        "[fe80::1%25eth0]",
        "x[::1]",
        "a/b",
        "a@b",
        "a?b",
        "a#b",
        "a\\b",
        "a\"b",
        "<a>",
        "a|b",
        "%",
        "%a",
        "%ag",
        "a%4",
        "é",
        "a\u0000b",
        "a\u007f"
      })
  void othersAreNot(String host) {
    assertThat(HostHeader.isValid(host.getBytes(ISO_8859_1))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"x,1,-1", "x:,1,-1", "x:80,1,80", "[::1],5,-1", "[::1]:8080,5,8080", ":1,0,1"})
  void nameEndsBeforeThePort(String host, int end, int port) {
    byte[] bytes = ("//" + host + "/").getBytes(ISO_8859_1);
    int to = bytes.length - 1;
    assertThat(HostHeader.isValid(bytes, 2, to)).isTrue();
    assertThat(HostHeader.endOfName(bytes, 2, to)).isEqualTo(2 + end);
    assertThat(HostHeader.port(bytes, 2 + end, to)).isEqualTo(port);
  }
}
