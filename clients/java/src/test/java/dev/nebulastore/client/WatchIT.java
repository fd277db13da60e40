package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.client.WatchTargets.Kind;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Watches. */
@ServerTest
class WatchIT {

  private final NebulaStore store;

  WatchIT(TestServer server) {
    store = NebulaStore.at(server.url());
  }

  @Test
  void changesArriveInOrder() {
    // @start region="watch"
    try (Watch watch = store.watchPrefix("sensors/")) {
      String etag = store.put("sensors/1", Value.text("21.5")).etag();
      store.delete("sensors/1");

      assertThat(watch.next())
          .isInstanceOfSatisfying(
              Event.Put.class,
              put -> {
                assertThat(put.key()).isEqualTo("sensors/1");
                assertThat(put.etag()).isEqualTo(etag);
              });
      assertThat(watch.next()).isInstanceOf(Event.Delete.class);
    }
    // @end
  }

  @Test
  void watchesContinueWhereOthersEnded() {
    String position;
    try (Watch watch = store.watchKey("watched/é")) {
      store.put("watched/é", Value.text("1"));
      assertThat(watch.next()).isInstanceOf(Event.Put.class);
      position = watch.lastId().orElseThrow();
    }
    store.put("watched/é", Value.bytes((byte) 0xff));
    store.put("watched/other", Value.text("2"));
    store.put("watched/é", Value.text("3"), Duration.ofSeconds(1));
    try (Watch watch = store.watchKey("watched/é", true, position)) {
      assertThat(watch.stream().limit(3))
          .satisfiesExactly(
              event -> assertThat(value(event)).isEqualTo(Value.bytes((byte) 0xff)),
              event -> assertThat(value(event)).isEqualTo(Value.text("3")),
              event -> assertThat(event).isInstanceOf(Event.Expire.class));
    }
  }

  @Test
  void severalTargetsAreWatchedAtOnce() {
    String position;
    // @start region="targets"
    WatchTargets targets =
        WatchTargets.keys("mode").and(WatchTargets.prefixes("flags/", "limits/"));
    try (Watch watch = store.watch(targets.withValues().only(Kind.PUT, Kind.DELETE))) {
      store.put("flags/dark", Value.text("on"));
      store.touch("flags/dark", Duration.ofHours(1));
      store.put("other", Value.text("unseen"));
      store.delete("flags/dark");
      store.put("mode", Value.text("fast"));

      assertThat(value(watch.next())).isEqualTo(Value.text("on"));
      assertThat(watch.next()).isInstanceOf(Event.Delete.class);
      assertThat(value(watch.next())).isEqualTo(Value.text("fast"));
      // @end
      position = watch.lastId().orElseThrow();
    }
    store.put("limits/a", Value.text("1"));
    store.put("limits/b", Value.text("2"));
    try (Watch watch = store.watch(targets, position)) {
      assertThat(watch.stream().limit(2))
          .extracting(event -> ((Event.Put) event).key())
          .containsExactly("limits/a", "limits/b");
    }
  }

  private static Value value(Event event) {
    return Objects.requireNonNull(((Event.Put) event).value());
  }
}
