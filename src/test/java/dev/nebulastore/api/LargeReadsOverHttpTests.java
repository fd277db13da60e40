package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.http.ContentMemory;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.TestPropertySource;
import org.springframework.util.unit.DataSize;

/** Values on disk that are read by many operations of one request. */
@ServerTest
@TestPropertySource(properties = {"nebula.storage.engine=rocksdb", "nebula.limits.requests=100"})
class LargeReadsOverHttpTests {

  private static final int VALUE = 1 << 20;
  private static final int KEYS = 10;
  private static final Duration SOON = Duration.ofMinutes(1);

  /** Content memory for five values. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Still {
    @Bean
    @Primary
    ContentMemory stillMemory() {
      return new ContentMemory(DataSize.ofBytes(5L * VALUE), 0, () -> 0);
    }
  }

  private final ContentMemory memory;
  private final int port;
  private final RawHttp http;

  LargeReadsOverHttpTests(@LocalServerPort int port, ContentMemory memory) {
    this.memory = memory;
    this.port = port;
    this.http = new RawHttp(port);
  }

  @BeforeEach
  void write() {
    for (int i = 0; i < KEYS; i++) {
      assertThat(http.ask("PUT", "/kv/large-" + i, new byte[VALUE]).status()).isIn(201, 204);
    }
    await().atMost(SOON).until(this::isAllReleased);
  }

  /** A response arrives before the memory of its request is released. */
  private boolean isAllReleased() {
    return memory.taken() == 0;
  }

  @AfterEach
  void allMemoryIsReleased() {
    http.close();
    await().atMost(SOON).until(this::isAllReleased);
  }

  private static String gets(String delimiter) {
    return IntStream.range(0, KEYS)
        .mapToObj("{\"op\":\"get\",\"key\":\"large-%d\"}"::formatted)
        .collect(Collectors.joining(delimiter));
  }

  private Response ask(String path, String type, String body) {
    return http.ask("POST", path, RawHttp.bytes(body), "Content-Type: " + type);
  }

  /** A value that does not fit at first is read once the responses before it have been sent. */
  @Test
  void batchesReadMoreThanFitsAtOnce() {
    Response answer = ask("/batch", "application/x-ndjson", gets("\n"));
    assertThat(answer.text().lines())
        .hasSize(KEYS)
        .allSatisfy(line -> assertThat(line).startsWith("{\"status\":200,"));
  }

  @Test
  void transactionsReadNoMoreThanFits() {
    Response answer = ask("/txn", "application/json", "{\"then\":[" + gets(",") + "]}");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).contains("1");
    assertThat(answer.text()).contains("/problems/overloaded", "\"applied\":\"no\"");
  }

  /** Pages of one value each, and lines of all. */
  @Test
  void listingsReadMoreThanFitsAtOnce() {
    String target = "/keys?prefix=large-&values=true";
    Response lines = http.ask("GET", target, "Accept: application/x-ndjson");
    assertThat(lines.text().lines())
        .hasSize(KEYS)
        .allSatisfy(
            line -> assertThat(line).startsWith("{\"op\":\"put\",").hasSizeGreaterThan(VALUE));
    int pages = 0;
    while (!target.isEmpty()) {
      Response page = http.ask("GET", target);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.text()).contains("\"size\":" + VALUE);
      String link = page.header("Link").orElse("");
      target = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
      pages++;
    }
    assertThat(pages).isEqualTo(KEYS);
  }

  /** Nothing was sent yet, so the refusal is a problem. */
  @Test
  void listingsAreRefusedWithoutMemory() {
    try (var share = memory.share()) {
      share.need(5L * VALUE - (1 << 16));
      for (String accept : new String[] {"application/json", "application/x-ndjson"}) {
        try (RawHttp own = new RawHttp(port)) {
          Response refused = own.ask("GET", "/keys?prefix=large-&values=true", "Accept: " + accept);
          assertThat(refused.status()).as("%s", accept).isEqualTo(503);
          assertThat(refused.header("ETag")).isEmpty();
        }
      }
      assertThat(http.ask("GET", "/keys?prefix=large-").status()).isEqualTo(200);
    }
  }

  /** A 304 needs no memory for the value. */
  @Test
  void notModifiedReadsNoValue() {
    String etag = http.ask("GET", "/kv/large-0").header("ETag").orElseThrow();
    await().atMost(SOON).until(this::isAllReleased);
    try (var share = memory.share()) {
      share.need(5L * VALUE);
      assertThat(http.ask("GET", "/kv/large-0").status()).isEqualTo(503);
      Response known = http.ask("GET", "/kv/large-0", "If-None-Match: " + etag);
      assertThat(known.status()).isEqualTo(304);
      assertThat(http.ask("DELETE", "/kv/large-0").status()).isEqualTo(204);
    }
  }
}
