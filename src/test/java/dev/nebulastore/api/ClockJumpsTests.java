package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.EventReader.Block;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What clients observe while the system clock is changed. Uses its own server. */
@ServerTest
@TestPropertySource(properties = "spring.application.name=clock-jumps")
class ClockJumpsTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final byte[] VALUE = RawHttp.bytes("a value");
  private static final Duration TWO_HOURS = Duration.ofHours(2);
  private static final Duration TTL = Duration.ofSeconds(90);

  /** A header that routes a request through Tomcat. */
  private static final String UNCOMMON = "Unknown: header";

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;
  private String key = "";

  ClockJumpsTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "jumps/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void setTheClockRight() {
    time.jump(time.ahead());
    http.ask("DELETE", "/kv/" + key);
    http.close();
  }

  private Response put(String query) {
    return http.ask("PUT", "/kv/" + key + query, VALUE);
  }

  private int status() {
    return http.ask("GET", "/kv/" + key).status();
  }

  private static Instant expires(Response response) {
    return Instant.parse(response.header("Nebula-Expires").orElseThrow());
  }

  private static Instant modified(Response response) {
    String date = response.header("Last-Modified").orElseThrow();
    return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
  }

  private JsonNode body(String method, String target, String content, String... headers) {
    Response response = http.ask(method, target, RawHttp.bytes(content), headers);
    assertThat(response.status()).as("%s", response).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  @Test
  void entriesExpireWhileTheClockIsBehind() {
    time.jump(TWO_HOURS);
    put("?ttl=90s");
    time.jump(TWO_HOURS.negated());
    time.advance(TTL.minusMillis(1));
    assertThat(status()).isEqualTo(200);
    time.advance(Duration.ofMillis(1));
    assertThat(status()).isEqualTo(404);
  }

  @Test
  void newEntriesExpireOnTime() {
    time.jump(TWO_HOURS.negated());
    put("?ttl=90s");
    time.advance(TTL.minusMillis(1));
    assertThat(status()).isEqualTo(200);
    time.advance(Duration.ofMillis(1));
    assertThat(status()).isEqualTo(404);
  }

  @Test
  void jumpsForwardExpireEntries() {
    put("?ttl=90s");
    time.jump(TTL);
    assertThat(status()).isEqualTo(404);
    time.jump(TTL.negated());
    assertThat(status()).as("expired entries stay expired").isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", UNCOMMON})
  void headersTellTheSystemsTime(String way) {
    String[] headers = way.isEmpty() ? new String[0] : new String[] {way};
    http.ask("PUT", "/kv/" + key, VALUE);
    time.jump(TWO_HOURS.negated());
    Instant expires = time.system().plus(TTL);
    Response put = http.ask("PUT", "/kv/" + key + "?ttl=90s", VALUE, headers);
    assertThat(expires(put)).isEqualTo(expires);
    String etag = put.etag();
    for (String method : List.of("GET", "HEAD")) {
      Response found = http.ask(method, "/kv/" + key, headers);
      assertThat(expires(found)).isEqualTo(expires);
      assertThat(modified(found)).isBeforeOrEqualTo(time.system());
    }
    List<String> known = new ArrayList<>(List.of(headers));
    known.add("If-None-Match: " + etag);
    Response unchanged = http.ask("GET", "/kv/" + key, known.toArray(String[]::new));
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(expires(unchanged)).isEqualTo(expires);
    assertThat(modified(unchanged)).isBeforeOrEqualTo(time.system());
    assertThat(expires(http.ask("PATCH", "/kv/" + key + "?ttl=90s"))).isEqualTo(expires);
  }

  @Test
  void remainingTimeStaysTheSameWhenTheClockIsSet() {
    put("?ttl=90s");
    time.advance(Duration.ofSeconds(30));
    time.jump(TWO_HOURS.negated());
    assertThat(expires(http.ask("GET", "/kv/" + key))).isEqualTo(time.system().plusSeconds(60));
    time.jump(TWO_HOURS);
    assertThat(expires(http.ask("GET", "/kv/" + key))).isEqualTo(time.system().plusSeconds(60));
  }

  @Test
  void listingsTellTheSystemsTime() {
    time.jump(TWO_HOURS.negated());
    put("?ttl=90s");
    String expires = time.system().plus(TTL).toString();
    Response page = http.ask("GET", "/keys?prefix=" + key);
    JsonNode listed = JSON.readTree(page.body()).path("keys").get(0);
    Response lines = http.ask("GET", "/keys?prefix=" + key, "Accept: application/x-ndjson");
    for (JsonNode each : List.of(listed, JSON.readTree(lines.body()))) {
      assertThat(each.path("expires").asString()).isEqualTo(expires);
      assertThat(Instant.parse(each.path("modified").asString())).isBeforeOrEqualTo(time.system());
    }
  }

  @Test
  void batchesAndTransactionsTellTheSystemsTime() {
    time.jump(TWO_HOURS.negated());
    String operation =
        "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"v\",\"ttl\":\"90s\"}".formatted(key);
    String expires = time.system().plus(TTL).toString();
    JsonNode line = body("POST", "/batch", operation, "Content-Type: application/x-ndjson");
    assertThat(line.path("expires").asString()).isEqualTo(expires);
    JsonNode all =
        body("POST", "/txn", "{\"then\":[" + operation + "]}", "Content-Type: application/json");
    assertThat(all.at("/results/0/expires").asString()).isEqualTo(expires);
  }

  @Test
  void eventsTellTheSystemsTime() {
    try (EventReader early = EventReader.watching(port, "key=" + key)) {
      time.jump(TWO_HOURS.negated());
      put("?ttl=90s");
      Block told = early.next();
      assertThat(told.text("expires")).isEqualTo(time.system().plus(TTL).toString());
      assertThat(Instant.parse(told.text("modified"))).isBeforeOrEqualTo(time.system());
      http.ask("DELETE", "/kv/" + key);
      Block gone = early.next();
      assertThat(Instant.parse(gone.text("modified"))).isBeforeOrEqualTo(time.system());
    }
  }

  @Test
  void repeatedEventsTellTheCurrentSystemTime() {
    try (EventReader early = EventReader.watching(port, "key=" + key)) {
      put("");
      String since = early.next().id();
      put("?ttl=90s");
      assertThat(early.next().text("expires")).isEqualTo(time.system().plus(TTL).toString());
      time.jump(TWO_HOURS.negated());
      try (EventReader late = new EventReader(port, "key=" + key + "&since=" + since)) {
        assertThat(late.next().text("expires")).isEqualTo(time.system().plus(TTL).toString());
      }
    }
  }

  @Test
  void prefixDeletionIgnoresTheClock() {
    time.jump(TWO_HOURS);
    put("");
    time.jump(TWO_HOURS.negated());
    String answer = http.ask("DELETE", "/keys?prefix=" + key).text();
    assertThat(answer).isEqualTo("{\"deleted\":1}");
    assertThat(status()).isEqualTo(404);
  }

  @Test
  void healthTellsThatStoreTimeIsAhead() {
    assertThat(clock("status")).isEqualTo("UP");
    time.jump(Duration.ofSeconds(-5));
    assertThat(clock("status")).isEqualTo("UP");
    time.jump(Duration.ofMillis(-50));
    assertThat(clock("status")).isEqualTo("DEGRADED");
    assertThat(http.ask("GET", "/actuator/health").status()).isEqualTo(200);
    assertThat(http.ask("GET", "/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(clock("details/aheadMillis")).isEqualTo("5050");
    assertThat(http.ask("GET", "/actuator/prometheus").text())
        .contains("nebula_clock_ahead_seconds 5.05");
    time.jump(Duration.ofMillis(5_050));
    assertThat(clock("status")).isEqualTo("UP");
  }

  private String clock(String member) {
    JsonNode health = JSON.readTree(http.ask("GET", "/actuator/health").body());
    return health.at("/components/clock/" + member).asString();
  }
}
