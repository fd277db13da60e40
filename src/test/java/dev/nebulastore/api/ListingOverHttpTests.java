package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract of {@code GET /keys}. Each test uses its own prefix. */
@ServerTest
class ListingOverHttpTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String LINES = "Accept: application/x-ndjson";

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;

  ListingOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @AfterEach
  void hangUp() {
    http.close();
  }

  /** Asks on its own connection, since Tomcat closes the connection after a 400. */
  private void isRefused(Problem problem, String query, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      ProblemJson.of(own.ask("GET", "/keys?" + query, headers), problem.status(), problem);
    }
  }

  private String put(String key) {
    Response put =
        http.ask("PUT", "/kv/" + encoded(key), RawHttp.bytes("12345"), "Content-Type: a/b");
    assertThat(put.status()).isIn(201, 204);
    return put.etag();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  private JsonNode page(String query) {
    Response page = http.ask("GET", "/keys?" + query);
    assertThat(page.status()).as("%s", page).isEqualTo(200);
    assertThat(page.header("Content-Type")).hasValue("application/json");
    assertThat(page.header("Cache-Control")).hasValue("no-cache");
    JsonNode body = JSON.readTree(page.body());
    assertThat(page.header("Link").isPresent()).isEqualTo(body.has("cursor"));
    return body;
  }

  private static List<String> keys(JsonNode page) {
    return page.path("keys").valueStream().map(key -> key.path("key").asString()).toList();
  }

  private static List<String> prefixes(JsonNode page) {
    return page.path("prefixes").valueStream().map(JsonNode::asString).toList();
  }

  /** Follows the links. Every page except the last is full. */
  private List<JsonNode> pages(String query, int limit) {
    List<JsonNode> pages = new ArrayList<>();
    String target = "/keys?" + query + "&limit=" + limit;
    while (!target.isEmpty()) {
      Response page = http.ask("GET", target);
      assertThat(page.status()).isEqualTo(200);
      JsonNode body = JSON.readTree(page.body());
      String link = page.header("Link").orElse("");
      if (!link.isEmpty()) {
        assertThat(keys(body).size() + prefixes(body).size()).isEqualTo(limit);
        assertThat(link).endsWith("&cursor=" + body.path("cursor").asString() + ">; rel=\"next\"");
      }
      pages.add(body);
      target = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
    }
    return pages;
  }

  private List<String> lines(String query) {
    Response all = http.ask("GET", "/keys?" + query, LINES);
    assertThat(all.status()).isEqualTo(200);
    assertThat(all.header("Content-Type")).hasValue("application/x-ndjson");
    return all.text().lines().toList();
  }

  @Test
  void listsEverythingButTheValue() {
    String etag = put("tells/plain");
    Response put = http.ask("PUT", "/kv/tells/ttl?ttl=90s", RawHttp.bytes("é"));
    JsonNode keys = page("prefix=tells/").path("keys");
    assertThat(keys.get(0).toString())
        .isEqualTo(
            "{\"key\":\"tells/plain\",\"etag\":%s,\"size\":5,\"contentType\":\"a/b\",\"modified\":\"%s\"}"
                .formatted(JSON.writeValueAsString(etag), time.instant()));
    assertThat(keys.get(1).path("expires").asString())
        .isEqualTo(put.header("Nebula-Expires").orElseThrow());
    assertThat(keys.get(1).path("contentType").asString()).isEqualTo("application/octet-stream");
  }

  /** As the bytes of the header look in a terminal. */
  @Test
  void mediaTypeLooksAsInTheHeader() {
    String type = "text/pl\u00e4in; x=\u540d";
    String sent = new String(type.getBytes(UTF_8), ISO_8859_1);
    http.ask("PUT", "/kv/type/a", RawHttp.bytes("x"), "Content-Type: " + sent);
    assertThat(http.ask("GET", "/kv/type/a").header("Content-Type")).hasValue(sent);
    JsonNode listed = page("prefix=type/").path("keys").path(0);
    assertThat(listed.path("contentType").asString()).isEqualTo(type);
    assertThat(JSON.readTree(lines("prefix=type/").getFirst())).isEqualTo(listed);
    byte[] get = RawHttp.bytes("{\"op\":\"get\",\"key\":\"type/a\"}");
    Response batch = http.ask("POST", "/batch", get, "Content-Type: application/x-ndjson");
    assertThat(JSON.readTree(batch.body()).path("contentType").asString()).isEqualTo(type);
  }

  @Test
  void isOrderedByUtf8Bytes() {
    List<String> sorted = List.of("o/", "o/ ", "o/a", "o/a/b", "o/ab", "o/é", "o/～", "o/😀");
    sorted.reversed().forEach(this::put);
    assertThat(keys(page("prefix=o/"))).isEqualTo(sorted);
    assertThat(keys(page("prefix=o/%C3%A9"))).containsExactly("o/é");
    for (int limit = 1; limit < 10; limit++) {
      List<JsonNode> pages = pages("prefix=o/", limit);
      assertThat(pages.stream().flatMap(page -> keys(page).stream())).isEqualTo(sorted);
      assertThat(pages).hasSize((sorted.size() + limit - 1) / limit);
    }
  }

  @Test
  void delimiterGroupsKeysAcrossPages() {
    IntStream.range(0, 40).forEach(i -> put("d/b/" + i));
    for (String key : List.of("d/a", "d/b", "d/c/x/y", "d/c/z", "d/é//1", "d/é/2", "d/z")) {
      put(key);
    }
    JsonNode all = page("prefix=d/&delimiter=/");
    assertThat(keys(all)).containsExactly("d/a", "d/b", "d/z");
    assertThat(prefixes(all)).containsExactly("d/b/", "d/c/", "d/é/");
    for (int limit = 1; limit < 8; limit++) {
      List<JsonNode> pages = pages("prefix=d/&delimiter=/", limit);
      assertThat(pages.stream().flatMap(page -> keys(page).stream())).isEqualTo(keys(all));
      assertThat(pages.stream().flatMap(page -> prefixes(page).stream())).isEqualTo(prefixes(all));
    }
    assertThat(prefixes(page("prefix=d/&delimiter=//"))).containsExactly("d/é//");
    assertThat(prefixes(page("prefix=d&delimiter=/"))).containsExactly("d/");
    assertThat(prefixes(page("prefix=d/b/&delimiter=%2F"))).isEmpty();
    assertThat(lines("prefix=d/c&delimiter=/")).containsExactly("{\"prefix\":\"d/c/\"}");
  }

  @Test
  void largeGroupsAreSkippedBySeeking() {
    IntStream.range(0, 3_000).forEach(i -> put("large/g/" + i));
    put("large/h");
    JsonNode page = page("prefix=large/&delimiter=/&limit=5");
    assertThat(prefixes(page)).containsExactly("large/g/");
    assertThat(keys(page)).containsExactly("large/h");
    assertThat(lines("prefix=large/")).hasSize(3_001);
  }

  @Test
  void linesAreAllKeysOrAPage() {
    IntStream.range(0, 150).forEach(i -> put("l/%03d".formatted(i)));
    List<String> all = lines("prefix=l/");
    assertThat(all).hasSize(150).first().asString().startsWith("{\"key\":\"l/000\",\"etag\":");
    assertThat(lines("prefix=none/")).isEmpty();
    assertThat(keys(page("prefix=l/"))).as("the default").hasSize(100);
    Response page = http.ask("GET", "/keys?prefix=l/&limit=20", LINES);
    assertThat(page.text().lines()).isEqualTo(all.subList(0, 20));
    String link = page.header("Link").orElseThrow();
    String cursor = link.substring(link.indexOf("cursor=") + 7, link.indexOf('>'));
    assertThat(lines("prefix=l/&cursor=" + cursor)).isEqualTo(all.subList(20, 150));
  }

  @Test
  void expiredEntriesAreNotListed() {
    IntStream.range(0, 20)
        .forEach(i -> http.ask("PUT", "/kv/e/%02d?ttl=60s".formatted(i), RawHttp.bytes("x")));
    put("e/stays");
    time.advance(Duration.ofSeconds(60).minusMillis(1));
    assertThat(keys(page("prefix=e/"))).hasSize(21);
    time.advance(Duration.ofMillis(1));
    assertThat(keys(page("prefix=e/&limit=1"))).containsExactly("e/stays");
    assertThat(page("prefix=e/&limit=1").has("cursor")).isFalse();
  }

  @Test
  void headIsGetWithoutTheBody() {
    put("head/a");
    put("head/b");
    Response get = http.ask("GET", "/keys?prefix=head/&limit=1");
    Response head = http.ask("HEAD", "/keys?prefix=head/&limit=1");
    assertThat(head.status()).isEqualTo(200);
    for (String name : List.of("Content-Length", "Content-Type", "Link", "Cache-Control", "ETag")) {
      assertThat(head.header(name)).isPresent().isEqualTo(get.header(name));
    }
    assertThat(http.ask("HEAD", "/keys", LINES).status()).isEqualTo(200);
    assertThat(http.ask("HEAD", "/keys?limit=0").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=1001",
        "limit=",
        "limit=-1",
        "limit=+1",
        "limit=1.0",
        "limit=99999999999",
        "limit=%D9%A1",
        "limit=1&limit=1",
        "prefix=a&prefix=b",
        "delimiter=",
        "x=y",
        "prefix=%ff",
        "prefix=%",
        "%00=a"
      })
  void malformedParametersAreRefused(String query) {
    isRefused(Problem.INVALID_PARAMETER, query);
  }

  @Test
  void tooLongParametersAreRefused() {
    String longest = "q".repeat(1_024);
    assertThat(keys(page("prefix=" + longest))).isEmpty();
    isRefused(Problem.INVALID_PARAMETER, "prefix=q" + longest);
    isRefused(Problem.INVALID_PARAMETER, "delimiter=" + "d".repeat(257));
  }

  /** A proxy would answer 502 to a long head. The cursor is in the body. */
  @Test
  void longLinkIsLeftOut() {
    String key = "é".repeat(510);
    put(key + "a");
    put(key + "b");
    String query = "prefix=" + encoded(key) + "&delimiter=" + encoded("é".repeat(128)) + "&limit=1";
    Response first = http.ask("GET", "/keys?" + query);
    assertThat(first.header("Link")).isEmpty();
    assertThat(http.ask("HEAD", "/keys?" + query).header("Link")).isEmpty();
    String cursor = JSON.readTree(first.body()).path("cursor").asString();
    JsonNode second = JSON.readTree(http.ask("GET", "/keys?" + query + "&cursor=" + cursor).body());
    assertThat(keys(second)).containsExactly(key + "b");
    assertThat(second.has("cursor")).isFalse();
    // Lines have no other place for it.
    assertThat(http.ask("GET", "/keys?" + query, LINES).header("Link")).isPresent();
  }

  @Test
  void linkHasUpTo2KB() {
    int longest = 0;
    for (int length = 830; length <= 860; length++) {
      String key = "k".repeat(length);
      put(key + "a");
      put(key + "b");
      Response page = http.ask("GET", "/keys?limit=1&prefix=" + key);
      String cursor = JSON.readTree(page.body()).path("cursor").asString();
      int link =
          "</keys?prefix=%s&limit=1&cursor=%s>; rel=\"next\"".formatted(key, cursor).length();
      assertThat(page.header("Link").isPresent()).as("%d", link).isEqualTo(link <= 2_048);
      longest = page.header("Link").isPresent() ? link : longest;
      http.ask("DELETE", "/keys?prefix=" + key);
    }
    assertThat(longest).isBetween(2_040, 2_048);
  }

  @Test
  void foreignCursorsAreRefused() {
    put("c/a/1");
    put("c/b/1");
    String cursor = page("prefix=c/&limit=1").path("cursor").asString();
    assertThat(keys(page("prefix=c/&limit=9&cursor=" + cursor))).containsExactly("c/b/1");
    for (String query : List.of("", "prefix=c&", "prefix=c/&delimiter=/&", "prefix=c/b/&")) {
      isRefused(Problem.INVALID_CURSOR, query + "cursor=" + cursor);
    }
    isRefused(Problem.INVALID_CURSOR, "cursor=");
    isRefused(Problem.INVALID_CURSOR, "prefix=c&cursor=" + cursor, LINES);
  }

  @Test
  void unknownFormsAreRefused() {
    ProblemJson.of(http.ask("GET", "/keys", "Accept: text/html"), 406, Problem.NOT_ACCEPTABLE);
    assertThat(
            http.ask("GET", "/keys?limit=1", "Accept: application/x-ndjson;q=0.5, */*")
                .header("Content-Type"))
        .hasValue("application/json");
  }

  @Test
  void otherMethodsAndPathsAreRefused() {
    assertThat(http.ask("OPTIONS", "/keys").header("Allow"))
        .hasValue("GET, HEAD, PATCH, DELETE, OPTIONS");
    for (String method : List.of("PUT", "POST", "TRACE", "PURGE")) {
      Response refused = http.ask(method, "/keys", "X: y");
      ProblemJson.of(refused, 405, Problem.METHOD_NOT_ALLOWED);
      assertThat(refused.header("Allow")).hasValue("GET, HEAD, PATCH, DELETE, OPTIONS");
    }
    for (String target : List.of("/keys/", "/keys;a=b", "/%6beys", "//keys", "/keys/a")) {
      assertThat(http.ask("GET", target).status()).as(target).isEqualTo(404);
    }
  }
}
