package dev.nebulastore.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.ReservedHead.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReservedHeadTests {

  private static final ReservedHead RESERVED =
      new ReservedHead(Set.of("/health", "/health/live"), Set.of("/metrics"));

  private static @Nullable Kind kind(String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    return RESERVED.kindOf(bytes, bytes.length);
  }

  @Test
  void recognisesProbesAndScrapes() {
    assertThat(kind("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(Kind.PROBE);
    assertThat(kind("HEAD /health/live HTTP/1.0\r\n\r\n")).isEqualTo(Kind.PROBE);
    assertThat(kind("GET /metrics?a=b HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n"))
        .isEqualTo(Kind.SCRAPE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET",
        "GET /health HTTP/1.1\r\nHost: a\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\n\r",
        "GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health/db HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /kv/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health\r\n\r\n",
        "GET /health HTTP/0.9\r\n\r\n",
        "GET  /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\ncontent-length : 9\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"
      })
  void recognisesNothingElse(String text) {
    assertThat(kind(text)).isNull();
  }

  @Test
  void recognisesNoHeadLargerThanTheBuffer() {
    String head = "GET /health HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n";
    int rest = ReservedHead.MAX - head.length() + 2;
    assertThat(kind(head.formatted("x".repeat(rest)))).isEqualTo(Kind.PROBE);
    assertThat(kind(head.formatted("x".repeat(rest + 1)))).isNull();
  }

  @Test
  void addsConnectionClose() {
    byte[] head = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);
    assertThat(ISO_8859_1.decode(ReservedHead.closing(head, head.length)).toString())
        .isEqualTo("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }
}
