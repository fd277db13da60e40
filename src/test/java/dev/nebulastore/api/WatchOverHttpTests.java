package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.EventReader.Block;
import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What a client of {@code /watch} receives. */
@ServerTest
class WatchOverHttpTests {

  private static final byte[] VALUE = RawHttp.bytes("a value");

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;
  private final List<EventReader> readers = new ArrayList<>();
  private String key = "";

  WatchOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @BeforeEach
  void takeAKey(TestInfo test) {
    key = "watch/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void hangUp() {
    readers.forEach(EventReader::close);
    http.ask("DELETE", "/kv/" + key);
    http.close();
  }

  private EventReader watch(String query, String... headers) {
    EventReader reader = EventReader.watching(port, query, headers);
    readers.add(reader);
    return reader;
  }

  private EventReader resume(String query, String... headers) {
    EventReader reader = new EventReader(port, query, headers);
    readers.add(reader);
    return reader;
  }

  private String put(String value) {
    return http.ask("PUT", "/kv/" + key, RawHttp.bytes(value)).etag();
  }

  /**
   * Asks on its own connection, since the server closes the connection after a malformed request.
   */
  private Response ask(String method, String query, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask(method, "/watch?" + query, headers);
    }
  }

  @Test
  void streamBeginsWithItsPosition() {
    EventReader watching = resume("key=" + key);
    var headers = watching.response().headers();
    assertThat(headers.allValues("Content-Type")).containsExactly("text/event-stream");
    assertThat(headers.allValues("Cache-Control")).containsExactly("no-store");
    assertThat(headers.allValues("X-Accel-Buffering")).containsExactly("no");
    assertThat(headers.allValues("Transfer-Encoding")).containsExactly("chunked");
    Block first = watching.nextBlock();
    assertThat(first.id()).matches("[0-9a-f]{16}-[0-9]+");
    assertThat(first.data()).isNull();
  }

  @Test
  void changesOfAKeyArriveInOrder() {
    EventReader watching = watch("key=" + key);
    String created =
        http.ask("PUT", "/kv/" + key, VALUE, "Content-Type: text/plain; charset=utf-8").etag();
    String replaced = http.ask("PUT", "/kv/" + key + "?ttl=90s", RawHttp.bytes("other")).etag();
    String touched = http.ask("PATCH", "/kv/" + key + "?ttl=none").etag();
    http.ask("DELETE", "/kv/" + key);
    http.ask("DELETE", "/kv/" + key);
    String again = put("again");

    Block first = watching.next();
    assertThat(first.event()).isEqualTo("put");
    assertThat(first.json().propertyNames())
        .containsExactly("key", "etag", "size", "contentType", "modified");
    assertThat(first.text("key")).isEqualTo(key);
    assertThat(first.text("etag")).isEqualTo(created);
    assertThat(first.json().path("size").asInt()).isEqualTo(7);
    assertThat(first.text("contentType")).isEqualTo("text/plain; charset=utf-8");
    assertThat(first.text("modified")).isEqualTo(time.instant().toString());
    Block second = watching.next();
    assertThat(second.text("etag")).isEqualTo(replaced);
    assertThat(second.text("expires")).isEqualTo(time.instant().plusSeconds(90).toString());
    Block third = watching.next();
    assertThat(third.event()).isEqualTo("touch");
    assertThat(third.text("etag")).isEqualTo(touched);
    assertThat(third.json().has("expires")).isFalse();
    Block fourth = watching.next();
    assertThat(fourth.event()).isEqualTo("delete");
    assertThat(fourth.json().propertyNames()).containsExactly("key", "etag", "modified");
    assertThat(fourth.text("key")).isEqualTo(key);
    assertThat(fourth.text("etag")).isGreaterThan(touched).isLessThan(again);
    assertThat(fourth.text("modified")).isEqualTo(time.instant().toString());
    assertThat(watching.next().text("etag")).isEqualTo(again);
  }

  @Test
  void severalKeysAndPrefixesAreWatched() {
    EventReader watching =
        watch("key=%s/a&prefix=%<s/p/&key=%<s/b&prefix=%<s/q&prefix=%<s/q".formatted(key));
    for (String written : List.of("/x", "/a", "/p", "/p/1", "/b", "/b2", "/q")) {
      http.ask("PUT", "/kv/" + key + written, VALUE);
    }
    for (String told : List.of("/a", "/p/1", "/b", "/q")) {
      assertThat(watching.next().text("key")).isEqualTo(key + told);
    }
  }

  @Test
  void eventsAreChosen() {
    EventReader removals = watch("key=" + key + "&events=delete,expire");
    EventReader touches = watch("key=" + key + "&events=touch");
    put("1");
    String touched = http.ask("PATCH", "/kv/" + key + "?ttl=90s").etag();
    put("2");
    http.ask("DELETE", "/kv/" + key);
    assertThat(removals.next().event()).isEqualTo("delete");
    assertThat(touches.next().text("etag")).isEqualTo(touched);
    put("3");
    String again = http.ask("PATCH", "/kv/" + key + "?ttl=none").etag();
    assertThat(touches.next().text("etag")).isEqualTo(again);
  }

  @Test
  void tooManyTargetsAndUnknownEventsAreRefused() {
    String targets = "&prefix=p".repeat(64);
    for (String query :
        List.of(
            "",
            "events=put",
            "key=a" + targets,
            "key=a&events=",
            "key=a&events=Put",
            "key=a&events=put,",
            "key=a&events=put&events=delete")) {
      try (RawHttp own = new RawHttp(port)) {
        ProblemJson.of(own.ask("GET", "/watch?" + query), 400, Problem.INVALID_PARAMETER);
      }
    }
    assertThat(watch(targets.substring(1))).isNotNull();
  }

  @Test
  void expiryIsAnEvent() {
    EventReader watching = watch("key=" + key);
    http.ask("PUT", "/kv/" + key + "?ttl=1s", VALUE);
    assertThat(watching.next().event()).isEqualTo("put");
    time.advance(Duration.ofSeconds(1));
    put("over an expired one");
    Block expiry = watching.next();
    assertThat(expiry.event()).isEqualTo("expire");
    assertThat(expiry.json().propertyNames()).containsExactly("key", "etag", "modified");
    assertThat(expiry.text("modified")).isEqualTo(time.instant().toString());
    assertThat(watching.next().event()).isEqualTo("put");
  }

  @ParameterizedTest
  @CsvSource({"watch/p/, 2", "watch/p%2F%C3%A9, 1", "watch%2Fp, 3"})
  void prefixIsAnyBeginningOfKeys(String prefix, int told) {
    EventReader watching = watch("prefix=" + prefix);
    for (String each : new String[] {"other", "watch/p/%C3%A9", "watch/p/e", "watch/px"}) {
      http.ask("PUT", "/kv/" + each, VALUE);
    }
    http.ask("PUT", "/kv/watch/p/%C3%A9nd", VALUE);
    List<String> keys = new ArrayList<>();
    for (Block next = watching.next(); !next.text("key").endsWith("nd"); next = watching.next()) {
      keys.add(next.text("key"));
    }
    assertThat(keys).isEqualTo(List.of("watch/p/é", "watch/p/e", "watch/px").subList(0, told));
  }

  @Test
  void emptyPrefixMatchesEverything() {
    EventReader watching = watch("prefix=");
    put("a value");
    assertThat(watching.next().text("key")).isEqualTo(key);
  }

  @Test
  void valuesAreSentOnRequest() {
    byte[] bytes = {(byte) 0xc3, 0x28, 0, -1};
    EventReader with = watch("values=true&key=" + key);
    EventReader without = watch("values=false&key=" + key);
    http.ask("PUT", "/kv/" + key, RawHttp.bytes("l\u00c3\u00a9\r\n\"x\"\u0000\n\nid: 1"));
    http.ask("PUT", "/kv/" + key, bytes);
    put("");
    Block text = with.next();
    assertThat(text.text("value")).isEqualTo("lé\r\n\"x\"\0\n\nid: 1");
    assertThat(text.json().has("base64")).isFalse();
    Block binary = with.next();
    assertThat(Base64.getDecoder().decode(binary.text("base64"))).isEqualTo(bytes);
    assertThat(binary.json().has("value")).isFalse();
    Block empty = with.next();
    assertThat(empty.json().path("value").asString("none")).isEmpty();
    assertThat(without.next().json().has("value")).isFalse();
    assertThat(without.next().json().has("base64")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "parameter", "both"})
  void reconnectContinuesAtThePosition(String by) {
    EventReader watching = watch("key=" + key);
    put("first");
    String second = put("second");
    String third = put("third");
    Block seen = watching.next();
    watching.close();
    EventReader resumed =
        switch (by) {
          case "header" -> resume("key=" + key, "Last-Event-ID", seen.id());
          case "parameter" -> resume("key=" + key + "&since=" + seen.id());
          default -> resume("since=0000000000000000-0&key=" + key, "Last-Event-ID", seen.id());
        };
    assertThat(resumed.nextBlock().text("etag")).isEqualTo(second);
    assertThat(resumed.next().text("etag")).isEqualTo(third);
    String fourth = put("fourth");
    assertThat(resumed.next().text("etag")).isEqualTo(fourth);
  }

  @Test
  void firstPositionCanBeResumed() {
    EventReader watching = resume("key=" + key);
    String position = watching.nextBlock().id();
    watching.close();
    String etag = put("meanwhile");
    EventReader resumed = resume("key=" + key, "Last-Event-ID", position);
    assertThat(resumed.next().text("etag")).isEqualTo(etag);
  }

  @Test
  void emptyLastEventIdMeansFromNow() {
    EventReader watching = watch("key=" + key);
    String first = put("before");
    String position = watching.next().id();
    String second = put("before");
    EventReader fromNow = watch("key=" + key, "Last-Event-ID", "");
    EventReader sinceTheFirst = resume("key=" + key + "&since=" + position, "Last-Event-ID", " ");
    assertThat(sinceTheFirst.nextBlock().text("etag")).isEqualTo(second).isNotEqualTo(first);
    String third = put("after");
    assertThat(fromNow.next().text("etag")).isEqualTo(third);
    assertThat(sinceTheFirst.next().text("etag")).isEqualTo(third);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000000000000000-0", "ffffffffffffffff-1"})
  void foreignIdGetsAReset(String id) {
    EventReader watching = resume("key=" + key, "Last-Event-ID", id);
    Block reset = watching.nextBlock();
    assertThat(reset.event()).isEqualTo("reset");
    assertThat(reset.data()).isEqualTo("{}");
    assertThat(reset.id()).isNotEqualTo(id);
    String etag = put("after the reset");
    assertThat(watching.next().text("etag")).isEqualTo(etag);
  }

  @ParameterizedTest
  @CsvSource({
    "'', INVALID_PARAMETER",
    "values=true, INVALID_PARAMETER",
    "key=a&values=true&values=true, INVALID_PARAMETER",
    "key=a&values=yes, INVALID_PARAMETER",
    "key=a&values=, INVALID_PARAMETER",
    "key=a&since=1, INVALID_PARAMETER",
    "key=a&since=, INVALID_PARAMETER",
    "key=a&nonsense=1, INVALID_PARAMETER",
    "prefix=%ff, INVALID_PARAMETER",
    "key=, INVALID_KEY",
    "key=a/.., INVALID_KEY",
    "key=%00, INVALID_KEY"
  })
  void malformedParametersAreRefused(String query, Problem problem) {
    ProblemJson.of(ask("GET", query), 400, problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0000000000000000-x", "\r\nLast-Event-ID:"})
  void malformedLastEventIdIsRefused(String id) {
    ProblemJson.of(ask("GET", "key=a", "Last-Event-ID: " + id), 400, Problem.INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/plain, application/*", "text/html;q=0.5"})
  void unacceptableTypeIsRefused(String accept) {
    ProblemJson.of(ask("GET", "key=a", "Accept: " + accept), 406, Problem.NOT_ACCEPTABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "*/*", "text/*", "application/json, */*;q=0.1"})
  void acceptableTypeIsServed(String accept) {
    watch("key=" + key, "Accept", accept);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "POST", "PUT", "DELETE", "PATCH"})
  void otherMethodsAreRefused(String method) {
    Response refused = ask(method, "key=a");
    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.header("Allow")).hasValue("GET, OPTIONS");
  }
}
