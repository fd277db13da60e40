package dev.nebulastore.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Listings and deletion by prefix. */
@ServerTest
class ListingIT {

  private final NebulaStore store;

  ListingIT(TestServer server) {
    store = NebulaStore.at(server.url());
  }

  @Test
  void foldersAreListedInPages() {
    // @start region="pages"
    store.put("photos/cat", Value.text("1"));
    store.put("photos/2026/dog", Value.text("2"));
    store.put("photos/2026/owl", Value.text("3"));

    KeyPage first = store.page("photos/", "/", 1, null);
    KeyPage second = store.page("photos/", "/", 1, first.cursor());

    assertThat(first.prefixes()).containsExactly("photos/2026/");
    assertThat(second.keys()).extracting(ListedKey::key).containsExactly("photos/cat");
    assertThat(second.cursor()).isNull();
    // @end
    assertThat(store.page("photos/").keys()).hasSize(3);
  }

  @Test
  void allKeysAreReadAsTheyArrive() {
    var written =
        store.batch(
            IntStream.range(0, 2_500)
                .mapToObj(i -> Operation.put("many/é/%04d".formatted(i), Value.text("v"))));
    assertThat(written).allMatch(Result::succeeded);
    // @start region="keys"
    try (Stream<ListedKey> keys = store.keys("many/")) {
      assertThat(keys.map(ListedKey::key))
          .hasSize(2_500)
          .startsWith("many/é/0000", "many/é/0001")
          .isSorted();
    }
    // @end
    try (Stream<ListedKey> keys = store.keys("many/")) {
      assertThat(keys.limit(1)).hasSize(1);
    }
    assertThat(store.countToDelete("many/")).isEqualTo(2_500);
    assertThat(store.deleteAll("many/")).isEqualTo(2_500);
    assertThat(store.page("many/").keys()).isEqualTo(List.of());
  }

  @Test
  void entriesAreListedWithTheirValues() {
    // @start region="entries"
    store.put("books/1", Value.json("{\"title\":\"Emma\"}"));
    store.put("books/2/cover", Value.bytes((byte) 0xff, (byte) 0xd8));

    EntryPage page = store.entries("books/", "/", 10, null);

    assertThat(page.entries()).hasSize(1);
    assertThat(page.entries().get(0).key()).isEqualTo("books/1");
    assertThat(page.entries().get(0).entry().text()).contains("Emma");
    assertThat(page.prefixes()).containsExactly("books/2/");
    // @end
    assertThat(store.entries("books/").entries()).hasSize(2);
    assertThat(store.entries("books/").entries().get(1).entry().value().bytes()).hasSize(2);
    assertThat(store.count("books/")).isEqualTo(new KeyCount(2, true, null));
    String cursor = requireNonNull(store.page("books/", null, 1, null).cursor());
    assertThat(store.count("books/", cursor).count()).isEqualTo(1);
  }

  @Test
  void dumpsAreRestoredByBatches() {
    store.put("dump/1", Value.json("{}"), Duration.ofHours(1));
    store.put("dump/2", Value.bytes((byte) 0xff));
    List<ListedEntry> before = store.entries("dump/").entries();
    // @start region="dump"
    List<Operation> dump;
    try (Stream<Operation> entries = store.dump("dump/")) {
      dump = entries.toList();
    }
    store.deleteAll("dump/");

    assertThat(store.batch(dump.stream())).allMatch(Result::succeeded);
    // @end
    List<ListedEntry> after = store.entries("dump/").entries();
    assertThat(after).hasSize(2);
    for (int i = 0; i < 2; i++) {
      Entry restored = after.get(i).entry();
      assertThat(after.get(i).key()).isEqualTo(before.get(i).key());
      assertThat(restored.value()).isEqualTo(before.get(i).entry().value());
    }
    assertThat(after.get(0).entry().expires())
        .isCloseTo(before.get(0).entry().expires(), within(1, ChronoUnit.MINUTES));
    assertThat(after.get(1).entry().expires()).isNull();
  }

  @Test
  void emptyPrefixDeletesNothing() {
    assertThatThrownBy(() -> store.deleteAll(""))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.code()).isEqualTo("everything-required"));
  }

  @Test
  void wrongCursorsAreRefused() {
    assertThatThrownBy(() -> store.page("", null, null, "made up"))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.status()).isEqualTo(400));
  }
}
