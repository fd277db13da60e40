package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** An entry expires exactly to the millisecond, and is absent from then on. */
@ServerTest
class TtlOverHttpTests {

  private static final byte[] VALUE = RawHttp.bytes("a value");
  private static final Duration TICK = Duration.ofMillis(1);

  private final RawHttp http;
  private final SteppedTime time;
  private String key = "";

  TtlOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.http = new RawHttp(port);
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "/kv/ttl/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", key);
    http.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1, PT1S",
    "1s, PT1S",
    "01s, PT1S",
    "90, PT90S",
    "90s, PT90S",
    "15m, PT15M",
    "12h, PT12H",
    "30d, PT720H",
    "PT90S, PT90S",
    "PT1.5S, PT1.5S",
    "PT1H30M, PT90M",
    "P1D, PT24H",
    "P1DT2H, PT26H",
    "3650d, PT87600H",
    "P3650D, PT87600H",
    "87600h, PT87600H",
    "315360000, PT87600H",
    "%39%30%73, PT90S"
  })
  void everyFormOfTtlWorks(String ttl, Duration duration) {
    Instant expires = time.instant().plus(duration);
    http.ask("PUT", key + "?ttl=" + ttl, VALUE);
    expiresAt(expires);
    http.ask("PUT", key, VALUE);
    http.ask("PATCH", key + "?ttl=" + ttl);
    expiresAt(expires);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "PATCH"})
  void entryLivesToTheLastMillisecond(String method) {
    if (method.equals("PUT")) {
      http.ask("PUT", key + "?ttl=90s", VALUE);
    } else {
      http.ask("PUT", key, VALUE);
      http.ask("PATCH", key + "?ttl=90s");
    }
    time.advance(Duration.ofSeconds(90).minus(TICK));
    assertThat(http.ask("GET", key).status()).isEqualTo(200);
    assertThat(http.ask("HEAD", key).status()).isEqualTo(200);
    time.advance(TICK);
    isAbsent();
    time.advance(Duration.ofDays(1));
    isAbsent();
  }

  @Test
  void putWithoutATtlClearsIt() {
    http.ask("PUT", key + "?ttl=90s", VALUE);
    Response replaced = http.ask("PUT", key, VALUE);
    assertThat(replaced.header("Nebula-Expires")).isEmpty();
    staysForEver();
  }

  @Test
  void patchWithNoneClearsIt() {
    http.ask("PUT", key + "?ttl=90s", VALUE);
    Response patched = http.ask("PATCH", key + "?ttl=none");
    assertThat(patched.status()).isEqualTo(204);
    assertThat(patched.header("Nebula-Expires")).isEmpty();
    staysForEver();
    assertThat(http.ask("PATCH", key + "?ttl=none").status()).isEqualTo(204);
  }

  @Test
  void laterTtlReplacesTheEarlier() {
    http.ask("PUT", key + "?ttl=90s", VALUE);
    time.advance(Duration.ofSeconds(80));
    http.ask("PATCH", key + "?ttl=1h");
    time.advance(Duration.ofMinutes(59));
    assertThat(http.ask("GET", key).status()).isEqualTo(200);
    http.ask("PUT", key + "?ttl=30s", VALUE);
    time.advance(Duration.ofSeconds(30));
    isAbsent();
  }

  @Test
  void expiredKeyIsCreatedAgain() {
    http.ask("PUT", key + "?ttl=1s", VALUE);
    time.advance(Duration.ofSeconds(1));
    assertThat(http.ask("PATCH", key + "?ttl=none").status()).isEqualTo(404);
    assertThat(http.ask("DELETE", key).status()).isEqualTo(204);
    assertThat(http.ask("PUT", key, RawHttp.bytes("new")).status()).isEqualTo(201);
    staysForEver();
    assertThat(http.ask("GET", key).text()).isEqualTo("new");
  }

  @Test
  void refusedWriteKeepsTheTtl() {
    Instant expires = time.instant().plusSeconds(90);
    http.ask("PUT", key + "?ttl=90s", VALUE);
    http.ask("PUT", key, VALUE, "If-None-Match: *");
    http.ask("PATCH", key + "?ttl=none", "If-Match: \"x\"");
    expiresAt(expires);
  }

  private void expiresAt(Instant expires) {
    for (String method : new String[] {"GET", "HEAD"}) {
      String header = http.ask(method, key).header("Nebula-Expires").orElse("none");
      assertThat(Instant.parse(header)).isEqualTo(expires);
    }
    String etag = http.ask("HEAD", key).etag();
    assertThat(http.ask("GET", key, "If-None-Match: " + etag).status()).isEqualTo(304);
  }

  private void staysForEver() {
    time.advance(Duration.ofDays(3_651));
    Response found = http.ask("GET", key);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.header("Nebula-Expires")).isEmpty();
  }

  private void isAbsent() {
    ProblemJson.of(http.ask("GET", key), 404, Problem.KEY_NOT_FOUND);
    assertThat(http.ask("HEAD", key).status()).isEqualTo(404);
    assertThat(http.ask("PATCH", key + "?ttl=1h").status()).isEqualTo(404);
    assertThat(http.ask("PUT", key, VALUE, "If-Match: *").status()).isEqualTo(412);
    assertThat(http.ask("DELETE", key, "If-Match: *").status()).isEqualTo(412);
  }
}
