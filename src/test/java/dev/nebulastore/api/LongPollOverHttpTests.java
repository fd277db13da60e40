package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/**
 * When {@code GET /kv/{key}} with {@code Prefer: wait} returns, and with which response. Uses a
 * server without other watchers.
 */
@ServerTest
@TestPropertySource(properties = "nebula.watch.heartbeat=1m")
class LongPollOverHttpTests {

  private static final byte[] VALUE = RawHttp.bytes("a value");

  private final RawHttp http;
  private final RawHttp poller;
  private final WatchHub hub;
  private final SteppedTime time;
  private String key = "";

  LongPollOverHttpTests(@LocalServerPort int port, WatchHub hub, SteppedTime time) {
    this.http = new RawHttp(port);
    this.poller = new RawHttp(port);
    this.hub = hub;
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "/kv/poll/" + test.getTestMethod().orElseThrow().getName();
    await().atMost(Duration.ofMinutes(1)).until(() -> hub.subscribers() == 0);
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", key);
    http.close();
    poller.close();
  }

  /** Sends a poll, and returns once it is waiting. */
  private void poll(String... headers) {
    poller.send(RawHttp.bytes(RawHttp.head("GET", key, headers) + "\r\n"));
    await().until(() -> hub.subscribers() == 1);
  }

  private Response answer(int seconds) {
    return applied(poller.answerTo("GET"), seconds);
  }

  private static Response applied(Response answer, int seconds) {
    assertThat(answer.header("Preference-Applied")).hasValue("wait=" + seconds);
    return answer;
  }

  private String put() {
    return http.ask("PUT", key, VALUE).etag();
  }

  @Test
  void absentKeyIsAnsweredWhenItIsCreated() {
    poll("Prefer: wait=50");
    http.ask("PUT", key + "/other", VALUE);
    String etag = put();
    Response found = answer(50);
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.etag()).isEqualTo(etag);
    assertThat(found.text()).isEqualTo("a value");
    assertThat(hub.subscribers()).isZero();
  }

  @Test
  void absentKeyIsA404AfterTheWait() {
    ProblemJson.of(applied(http.ask("GET", key, "Prefer: wait=1"), 1), 404, Problem.KEY_NOT_FOUND);
  }

  @Test
  void existingKeyIsAnsweredAtOnce() {
    put();
    assertThat(applied(http.ask("GET", key, "Prefer: wait=50"), 50).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"PUT, '', 200", "PATCH, ?ttl=5m, 200", "DELETE, '', 404"})
  void knownVersionIsAnsweredWhenItChanges(String method, String query, int status) {
    String etag = put();
    poll("Prefer: wait=30", "If-None-Match: " + etag);
    Response changed =
        method.equals("PUT") ? http.ask(method, key + query, VALUE) : http.ask(method, key + query);
    Response answer = answer(30);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 200) {
      assertThat(answer.etag()).isEqualTo(changed.etag()).isNotEqualTo(etag);
    }
  }

  @Test
  void knownVersionIsA304AfterTheWait() {
    String etag = put();
    Response answer = applied(http.ask("GET", key, "Prefer: wait=1", "If-None-Match: " + etag), 1);
    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.etag()).isEqualTo(etag);
  }

  @Test
  void outdatedVersionIsAnsweredAtOnce() {
    String old = put();
    put();
    String condition = "If-None-Match: " + old;
    assertThat(applied(http.ask("GET", key, "Prefer: wait=50", condition), 50).status())
        .isEqualTo(200);
    http.ask("DELETE", key);
    assertThat(applied(http.ask("GET", key, "Prefer: wait=50", condition), 50).status())
        .isEqualTo(404);
  }

  @Test
  void failedConditionIsAnsweredAtOnce() {
    put();
    Response refused = http.ask("GET", key, "Prefer: wait=50", "If-Match: \"1\"");
    ProblemJson.of(applied(refused, 50), 412, Problem.PRECONDITION_FAILED);
  }

  @Test
  void entryThatExpiresMeanwhileIsGone() {
    String etag = http.ask("PUT", key + "?ttl=1s", VALUE).etag();
    poll("Prefer: wait=1", "If-None-Match: " + etag);
    time.advance(Duration.ofSeconds(1));
    assertThat(answer(1).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "wait=0, 0",
    "wait=50, 50",
    "wait=51, 50",
    "wait=99999999999999999, 50",
    "WAIT=7, 7",
    "'a, wait=7; b', 7"
  })
  void appliedPreferenceIsReturned(String prefer, int seconds) {
    put();
    assertThat(applied(http.ask("GET", key, "Prefer: " + prefer), seconds).status()).isEqualTo(200);
  }

  @Test
  void waitOfZeroIsAPlainRead() {
    assertThat(applied(http.ask("GET", key, "Prefer: wait=0"), 0).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"wait", "wait=-1", "wait=x", "wait=1s", "respond-async", ""})
  void malformedPreferencesAreIgnored(String prefer) {
    Response answer = http.ask("GET", key, "Prefer: " + prefer);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Preference-Applied")).isEmpty();
  }

  @Test
  void onlyGetWaits() {
    String prefer = "Prefer: wait=50";
    Response absent = http.ask("HEAD", key, prefer);
    assertThat(absent.status()).isEqualTo(404);
    assertThat(absent.header("Preference-Applied")).isEmpty();
    Response created = http.ask("PUT", key, VALUE, prefer);
    assertThat(created.header("Preference-Applied")).isEmpty();
    Response unchanged = http.ask("HEAD", key, prefer, "If-None-Match: " + created.etag());
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.header("Preference-Applied")).isEmpty();
  }
}
