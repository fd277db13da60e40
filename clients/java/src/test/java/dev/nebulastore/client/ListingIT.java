package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
