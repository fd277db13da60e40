package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Listings with values, counts, and tags of pages. Each test uses its own prefix. */
@ServerTest
class ListingValuesOverHttpTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String LINES = "Accept: application/x-ndjson";
  private static final byte[] BINARY = {0, 1, -1, 10, 13};

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;

  ListingValuesOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @AfterEach
  void hangUp() {
    http.close();
  }

  private String put(String target, byte[] value, String... headers) {
    Response put = http.ask("PUT", "/kv/" + target, value, headers);
    assertThat(put.status()).isIn(201, 204);
    return put.etag();
  }

  private JsonNode page(String query) {
    Response page = http.ask("GET", "/keys?" + query);
    assertThat(page.status()).as("%s", page).isEqualTo(200);
    return JSON.readTree(page.body());
  }

  private static List<String> keys(JsonNode page) {
    return page.path("keys").valueStream().map(key -> key.path("key").asString()).toList();
  }

  private void isRefused(Problem problem, String query, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      ProblemJson.of(own.ask("GET", "/keys?" + query, headers), problem.status(), problem);
    }
  }

  private List<JsonNode> batch(byte[] lines) {
    Response answers = http.ask("POST", "/batch", lines, "Content-Type: application/x-ndjson");
    assertThat(answers.status()).isEqualTo(200);
    return answers.text().lines().map(JSON::readTree).toList();
  }

  private byte[] dump(String prefix) {
    Response dump = http.ask("GET", "/keys?values=true&prefix=" + prefix, LINES);
    assertThat(dump.status()).isEqualTo(200);
    assertThat(dump.header("Content-Type")).hasValue("application/x-ndjson");
    assertThat(dump.header("ETag")).isEmpty();
    return dump.body();
  }

  @Test
  void pagesHaveTextOrBytes() {
    put("with/v/text", "é\n".getBytes(UTF_8), "Content-Type: a/b");
    put("with/v/binary", BINARY);
    put("with/v/ttl?ttl=90s", new byte[0]);
    JsonNode with = page("prefix=with/v/&values=true");
    JsonNode without = page("prefix=with/v/&values=false");
    assertThat(keys(with))
        .containsExactly("with/v/binary", "with/v/text", "with/v/ttl")
        .isEqualTo(keys(without));
    JsonNode entries = with.path("keys");
    assertThat(entries.path(0).path("base64").asString())
        .isEqualTo(Base64.getEncoder().encodeToString(BINARY));
    assertThat(entries.path(0).has("value")).isFalse();
    assertThat(entries.path(1).path("value").asString()).isEqualTo("é\n");
    assertThat(entries.path(2).path("value").asString("none")).isEmpty();
    for (int i = 0; i < 3; i++) {
      without
          .path("keys")
          .path(i)
          .properties()
          .forEach(member ->
              assertThat(member.getValue().isString() || member.getValue().isNumber()).isTrue());
      String before = without.path("keys").path(i).toString();
      assertThat(entries.path(i).toString())
          .startsWith(before.substring(0, before.length() - 1) + ",");
    }
  }

  @Test
  void groupsAreListedBesideValues() {
    for (String key : List.of("with/g/a/1", "with/g/b", "with/g/c/1", "with/g/c/2", "with/g/d")) {
      put(key, RawHttp.bytes(key));
    }
    JsonNode page = page("prefix=with/g/&values=true&delimiter=/");
    assertThat(keys(page)).containsExactly("with/g/b", "with/g/d");
    assertThat(page.path("prefixes").toString()).isEqualTo("[\"with/g/a/\",\"with/g/c/\"]");
    isRefused(Problem.INVALID_PARAMETER, "prefix=with/g/&values=true&delimiter=/", LINES);
  }

  /** 1 MB of values, which is also the largest value here. */
  @Test
  void pagesEndWhenTheirValuesAreLarge() {
    byte[] value = new byte[400_000];
    IntStream.range(0, 5).forEach(i -> put("with/large/" + i, value));
    put("with/large/2", new byte[1 << 20]);
    put("with/large/3", new byte[0]);
    List<List<String>> pages = new ArrayList<>();
    String more = "";
    do {
      JsonNode page = page("prefix=with/large/&values=true" + more);
      pages.add(keys(page));
      String cursor = page.path("cursor").asString("");
      more = cursor.isEmpty() ? "" : "&cursor=" + cursor;
    } while (!more.isEmpty());
    assertThat(pages)
        .containsExactly(
            List.of("with/large/0", "with/large/1"),
            List.of("with/large/2", "with/large/3"),
            List.of("with/large/4"));
    Response lines = http.ask("GET", "/keys?prefix=with/large/&values=true&limit=9", LINES);
    assertThat(lines.text().lines()).hasSize(2);
    assertThat(lines.header("Link").orElse("")).contains("&limit=9&values=true&cursor=");
    assertThat(new String(dump("with/large/"), UTF_8).lines()).hasSize(5);
    http.ask("DELETE", "/keys?prefix=with/large/");
  }

  @Test
  void dumpIsABatchThatRestores() {
    String type = new String("text/plän; x=名".getBytes(UTF_8), ISO_8859_1);
    put("with/dump/type", "é".getBytes(UTF_8), "Content-Type: " + type);
    put("with/dump/binary", BINARY, "Content-Type: a/b;  c=\"d\"");
    put("with/dump/empty", new byte[0]);
    put("with/dump/control", RawHttp.bytes("\u0000\u007f\"\\"));
    put("with/dump/%C3%A9%20%22%5C/+", new byte[20_000]);
    put("with/dump/stays?ttl=2h", RawHttp.bytes("x"));
    put("with/dump/expires?ttl=90s", RawHttp.bytes("x"));
    String expires = http.ask("GET", "/kv/with/dump/stays").header("Nebula-Expires").orElseThrow();
    JsonNode before = page("prefix=with/dump/&values=true").path("keys");
    byte[] dump = dump("with/dump/");
    assertThat(new String(dump, UTF_8).lines())
        .hasSize(7)
        .contains(
            "{\"op\":\"put\",\"key\":\"with/dump/binary\",\"contentType\":\"a/b; "
                + " c=\\\"d\\\"\",\"base64\":\"AAH/Cg0=\"}",
            "{\"op\":\"put\",\"key\":\"with/dump/stays\",\"contentType\":\"application/octet-stream\",\"expires\":\"%s\",\"value\":\"x\"}"
                .formatted(expires));
    http.ask("DELETE", "/keys?prefix=with/dump/");
    time.advance(Duration.ofSeconds(30));
    assertThat(batch(dump)).extracting(line -> line.path("status").asInt()).containsOnly(201);
    JsonNode after = page("prefix=with/dump/&values=true").path("keys");
    assertThat(withoutVersions(after)).isEqualTo(withoutVersions(before));
    assertThat(http.ask("GET", "/kv/with/dump/type").header("Content-Type")).hasValue(type);
    assertThat(http.ask("GET", "/kv/with/dump/binary").body()).isEqualTo(BINARY);

    time.advance(Duration.ofSeconds(60));
    String later = JSON.readTree(lineOf(dump, "with/dump/expires")).path("expires").asString();
    assertThat(Instant.parse(later)).isEqualTo(time.instant());
    put("with/dump/expires", RawHttp.bytes("written since"));
    List<JsonNode> late = batch(dump);
    assertThat(late).extracting(JsonNode::toString).contains("{\"status\":204}");
    assertThat(http.ask("GET", "/kv/with/dump/expires").status()).isEqualTo(404);
    assertThat(page("prefix=with/dump/").path("keys")).hasSize(6);
  }

  private static String lineOf(byte[] dump, String key) {
    return new String(dump, UTF_8)
        .lines()
        .filter(line -> line.contains(key))
        .findAny()
        .orElseThrow();
  }

  private static List<String> withoutVersions(JsonNode entries) {
    return entries
        .valueStream()
        .map(
            entry -> entry.toString().replaceAll("\"(etag|modified)\":\"(\\\\.|[^\"\\\\])*\",", ""))
        .toList();
  }

  @Test
  void expiredEntriesHaveNoValue() {
    put("with/gone/a?ttl=60s", RawHttp.bytes("x"));
    put("with/gone/b", RawHttp.bytes("x"));
    time.advance(Duration.ofSeconds(60));
    assertThat(keys(page("prefix=with/gone/&values=true"))).containsExactly("with/gone/b");
    assertThat(new String(dump("with/gone/"), UTF_8).lines()).hasSize(1);
    assertThat(page("prefix=with/gone/&count=true").path("count").asInt()).isEqualTo(1);
  }

  /** Several steps of the listing. */
  @Test
  void longDumpsHaveAllKeys() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      lines.append(
          "{\"op\":\"put\",\"key\":\"with/long/%04d\",\"value\":\"%d\"}\n".formatted(i, i));
    }
    assertThat(batch(lines.toString().getBytes(UTF_8))).hasSize(2_500);
    List<String> dump = new String(dump("with/long/"), UTF_8).lines().toList();
    assertThat(dump).hasSize(2_500).isSorted();
    assertThat(dump.getLast()).contains("\"with/long/2499\"").contains("\"value\":\"2499\"");
    assertThat(page("prefix=with/long/&count=true").toString())
        .isEqualTo("{\"count\":2500,\"exact\":true,\"keys\":[],\"prefixes\":[]}");
    Response head = http.ask("HEAD", "/keys?prefix=with/long/&count=true");
    assertThat(head.status()).isEqualTo(200);
    assertThat(http.ask("HEAD", "/keys?prefix=with/long/&values=true", LINES).status())
        .isEqualTo(200);
  }

  @Test
  void countContinuesFromACursor() {
    IntStream.range(0, 5).forEach(i -> put("with/count/" + i, new byte[0]));
    String cursor = page("prefix=with/count/&limit=2").path("cursor").asString();
    Response rest = http.ask("GET", "/keys?prefix=with/count/&count=true&cursor=" + cursor);
    assertThat(JSON.readTree(rest.body()).path("count").asInt()).isEqualTo(3);
    assertThat(rest.header("ETag")).isEmpty();
    assertThat(rest.header("Cache-Control")).hasValue("no-store");
    isRefused(Problem.INVALID_CURSOR, "prefix=count&count=true&cursor=" + cursor);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "count=true&limit=1",
        "count=true&delimiter=/",
        "count=true&values=true",
        "count=true&values=false",
        "count=yes",
        "count",
        "values=1",
        "values=true&values=true"
      })
  void otherCombinationsAreRefused(String query) {
    isRefused(Problem.INVALID_PARAMETER, query);
  }

  @Test
  void countsHaveNoLines() {
    isRefused(Problem.NOT_ACCEPTABLE, "count=true", LINES);
    String both = "Accept: application/x-ndjson, application/json;q=0.1";
    assertThat(http.ask("GET", "/keys?count=true&prefix=none/", both).header("Content-Type"))
        .hasValue("application/json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&values=true"})
  void pageIsNotModifiedWhileItIsTheSame(String more) {
    String prefix = "with/tag" + more.length() + "/";
    String target = "/keys?prefix=" + prefix + "&delimiter=/&limit=3" + more;
    put(prefix + "a", RawHttp.bytes("1"));
    put(prefix + "b/1", RawHttp.bytes("1"));
    Response first = http.ask("GET", target);
    assertThat(first.etag()).matches("W/\"[0-9a-z]+\"");
    assertThat(first.header("Cache-Control")).hasValue("no-cache");
    String known = "If-None-Match: \"x\", " + first.etag();
    for (String method : List.of("GET", "HEAD")) {
      Response same = http.ask(method, target, known);
      assertThat(same.status()).isEqualTo(304);
      assertThat(same.etag()).isEqualTo(first.etag());
      assertThat(same.body()).isEmpty();
    }
    assertThat(http.ask("GET", target, "If-None-Match: *").status()).isEqualTo(304);
    assertThat(http.ask("HEAD", target).etag()).isEqualTo(first.etag());

    List<String> tags = new ArrayList<>();
    tags.add(first.etag());
    put(prefix + "b/2", RawHttp.bytes("1"));
    assertThat(http.ask("GET", target).etag())
        .as("the group is the same")
        .isEqualTo(tags.getLast());
    isOther(tags, target, () -> put(prefix + "a", RawHttp.bytes("1")));
    isOther(tags, target, () -> http.ask("PATCH", "/kv/" + prefix + "a?ttl=60s"));
    isOther(tags, target, () -> put(prefix + "c/1", RawHttp.bytes("1")));
    isOther(tags, target, () -> put(prefix + "d", RawHttp.bytes("1")));
    isOther(tags, target, () -> time.advance(Duration.ofSeconds(60)));
    isOther(tags, target, () -> http.ask("DELETE", "/kv/" + prefix + "b/1"), false);
    isOther(tags, target, () -> http.ask("DELETE", "/kv/" + prefix + "b/2"));
    assertThat(tags).doesNotHaveDuplicates();
  }

  private void isOther(List<String> tags, String target, Runnable change) {
    isOther(tags, target, change, true);
  }

  private void isOther(List<String> tags, String target, Runnable change, boolean expected) {
    change.run();
    Response page = http.ask("GET", target, "If-None-Match: " + tags.getLast());
    assertThat(page.status()).isEqualTo(expected ? 200 : 304);
    if (expected) {
      tags.add(page.etag());
    }
  }

  @Test
  void malformedConditionsAreRefused() {
    isRefused(Problem.INVALID_CONDITION, "limit=1", "If-None-Match: x");
    assertThat(http.ask("GET", "/keys?prefix=none/", LINES, "If-None-Match: *").status())
        .isEqualTo(200);
  }

  @Test
  void transactionsTakeAnExpiry() {
    String json =
        "{\"then\":[{\"op\":\"put\",\"key\":\"with/txn-expiry/%s\",\"value\":\"\",\"expires\":\"%s\"}]}";
    String until = time.instant().plusSeconds(90).toString();
    String type = "Content-Type: application/json";
    Response done = http.ask("POST", "/txn", RawHttp.bytes(json.formatted("a", until)), type);
    assertThat(JSON.readTree(done.body()).path("results").path(0).path("expires").asString())
        .isEqualTo(until);
    String past = time.instant().minusSeconds(90).toString();
    Response late = http.ask("POST", "/txn", RawHttp.bytes(json.formatted("a", past)), type);
    assertThat(late.text()).isEqualTo("{\"succeeded\":true,\"results\":[{\"status\":204}]}");
    assertThat(http.ask("GET", "/kv/with/txn-expiry/a").status()).isEqualTo(404);
  }
}
