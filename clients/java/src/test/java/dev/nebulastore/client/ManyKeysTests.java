package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Listings, deletions and batches, complete and broken off. */
class ManyKeysTests {

  private static final String KEY =
      """
      {"key":"a/é","etag":"\\"7\\"","size":3,"contentType":"text/plain",\
      "modified":"2026-11-22T10:00:00.5Z","expires":"2026-11-22T11:00:00Z"}
      """;
  private static final ListedKey LISTED =
      new ListedKey(
          "a/é",
          "\"7\"",
          3,
          "text/plain",
          Instant.parse("2026-11-22T10:00:00.5Z"),
          Instant.parse("2026-11-22T11:00:00Z"));
  private static final String DONE = "{\"status\":201,\"etag\":\"\\\"1\\\"\"}\n";
  private static final String REFUSED =
      """
      {"status":412,"problem":{"type":"/problems/precondition-failed","title":"t","status":412}}
      """;

  private static FakeServer.Answer json(String text) {
    return exchange -> FakeServer.send(exchange, 200, "application/json", text);
  }

  private static FakeServer.Answer lines(String text) {
    return exchange -> FakeServer.send(exchange, 200, "application/x-ndjson", text);
  }

  @Test
  void cursorsLeadToTheNextPage() throws IOException {
    String first = "{\"keys\":[" + KEY + "],\"prefixes\":[\"b/\"],\"cursor\":\"c+/=\"}";
    try (var server = new FakeServer(json(first), json("{\"keys\":[],\"prefixes\":[]}"))) {
      NebulaStore store = NebulaStore.at(server.url());
      KeyPage page = store.page("a&b/", "/", 1, null);
      KeyPage last = store.page("a&b/", "/", 1, page.cursor());

      assertThat(page).isEqualTo(new KeyPage(List.of(LISTED), List.of("b/"), "c+/="));
      assertThat(last).isEqualTo(new KeyPage(List.of(), List.of(), null));
      assertThat(server.requests())
          .containsExactly(
              "GET /keys?prefix=a%26b%2F&delimiter=%2F&limit=1",
              "GET /keys?prefix=a%26b%2F&delimiter=%2F&limit=1&cursor=c%2B%2F%3D");
    }
  }

  @Test
  void valuesAreTextOrBytes() throws IOException {
    String text = KEY.strip().replaceFirst("}$", ",\"value\":\"é\"}");
    String bytes = KEY.strip().replaceFirst("}$", ",\"base64\":\"AP8=\"}");
    String page =
        "{\"keys\":[%s,%s],\"prefixes\":[\"b/\"],\"cursor\":\"c\"}".formatted(text, bytes);
    String line =
        "{\"op\":\"put\",\"key\":\"é\",\"contentType\":\"a/b\",\"expires\":\"2026-11-22T11:00:00Z\",\"base64\":\"AP8=\"}\n";
    String count = "{\"count\":7,\"exact\":false,\"keys\":[],\"prefixes\":[],\"cursor\":\"c\"}";
    Instant expires = Instant.parse("2026-11-22T11:00:00Z");
    try (var server = new FakeServer(json(page), lines(line), json(count), json(count))) {
      NebulaStore store = NebulaStore.at(server.url());
      EntryPage entries = store.entries("a/", "/", 2, null);
      assertThat(entries.prefixes()).containsExactly("b/");
      assertThat(entries.cursor()).isEqualTo("c");
      assertThat(entries.entries())
          .extracting(entry -> entry.entry().value())
          .containsExactly(
              new Value("é".getBytes(UTF_8), "text/plain"),
              new Value(new byte[] {0, -1}, "text/plain"));
      assertThat(entries.entries().get(0))
          .isEqualTo(
              new ListedEntry(
                  LISTED.key(),
                  new Entry(
                      new Value("é".getBytes(UTF_8), "text/plain"),
                      LISTED.etag(),
                      LISTED.modified(),
                      expires)));
      try (Stream<Operation> dump = store.dump("a/")) {
        assertThat(dump)
            .containsExactly(
                new Operation.Put(
                    "é", new Value(new byte[] {0, -1}, "a/b"), null, expires, Condition.none()));
      }
      assertThat(store.count("a/")).isEqualTo(new KeyCount(7, false, "c"));
      assertThat(store.count("a/", "c+")).isEqualTo(new KeyCount(7, false, "c"));
      assertThat(server.requests())
          .containsExactly(
              "GET /keys?values=true&prefix=a%2F&delimiter=%2F&limit=2",
              "GET /keys?values=true&prefix=a%2F",
              "GET /keys?count=true&prefix=a%2F",
              "GET /keys?count=true&prefix=a%2F&cursor=c%2B");
    }
  }

  @Test
  void brokenListingsAreNotTakenForComplete() throws IOException {
    FakeServer.Answer broken =
        exchange -> {
          exchange.sendResponseHeaders(200, 10_000);
          exchange.getResponseBody().write(KEY.getBytes(UTF_8));
          exchange.getResponseBody().flush();
        };
    try (var server = new FakeServer(lines(KEY + KEY), broken)) {
      NebulaStore store = NebulaStore.at(server.url());
      try (Stream<ListedKey> keys = store.keys("")) {
        assertThat(keys).containsExactly(LISTED, LISTED);
      }
      try (Stream<ListedKey> keys = store.keys("")) {
        assertThatThrownBy(keys::toList).isInstanceOf(NebulaStoreException.class);
      }
    }
  }

  @Test
  void deletionsAreCounted() throws IOException {
    try (var server = new FakeServer(json("{\"deleted\":5000000000}"))) {
      assertThat(NebulaStore.at(server.url()).deleteAll("a/")).isEqualTo(5_000_000_000L);
    }
    try (var server =
        new FakeServer(json("{\"deleted\":7}"), json("{\"deleted\":0,\"wouldDelete\":5}"))) {
      NebulaStore store = NebulaStore.at(server.url());
      assertThat(store.deleteEverything()).isEqualTo(7);
      assertThat(store.countToDelete("a/")).isEqualTo(5);
      assertThat(server.requests())
          .containsExactly(
              "DELETE /keys?prefix=&everything=true", "DELETE /keys?dry-run=true&prefix=a%2F");
    }
  }

  @Test
  void touchesAreCounted() throws IOException {
    try (var server = new FakeServer(json("{\"touched\":5000000000}"), json("{\"touched\":3}"))) {
      NebulaStore store = NebulaStore.at(server.url());
      assertThat(store.touchAll("a/", Duration.ofHours(1))).isEqualTo(5_000_000_000L);
      assertThat(store.keepAll("a/")).isEqualTo(3);
      assertThat(server.requests())
          .containsExactly("PATCH /keys?prefix=a%2F&ttl=PT1H", "PATCH /keys?ttl=none&prefix=a%2F");
    }
  }

  @Test
  void everyOperationOfABatchHasAResult() throws IOException {
    try (var server = new FakeServer(lines(DONE + REFUSED))) {
      List<Result> results =
          NebulaStore.at(server.url())
              .batch(Operation.put("a", Value.text("1")), Operation.delete("b"));

      assertThat(results.get(0).orThrow().etag()).isEqualTo("\"1\"");
      assertThatThrownBy(results.get(1)::orThrow)
          .isInstanceOfSatisfying(
              NebulaStoreException.class, e -> assertThat(e.isPreconditionFailed()).isTrue());
    }
  }

  @Test
  void batchesWithMissingResultsFail() throws IOException {
    try (var server = new FakeServer(lines(DONE))) {
      NebulaStore store = NebulaStore.at(server.url());
      assertThatThrownBy(() -> store.batch(Operation.get("a"), Operation.get("b")))
          .isInstanceOfSatisfying(
              NebulaStoreException.class,
              e -> assertThat(e.code()).isEqualTo(NebulaStoreException.NO_ANSWER));
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void longStreamsAreSentInParts() throws IOException {
    try (var server =
        new FakeServer(lines(DONE.repeat(256)), lines(DONE.repeat(256)), lines(DONE.repeat(88)))) {
      Stream<Operation> operations =
          IntStream.range(0, 600).mapToObj(i -> Operation.put("k" + i, Value.text("v")));
      assertThat(NebulaStore.at(server.url()).batch(operations)).hasSize(600);
      assertThat(server.requests()).hasSize(3);
    }
  }
}
