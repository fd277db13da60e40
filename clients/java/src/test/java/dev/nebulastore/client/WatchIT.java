package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

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

  private static Value value(Event event) {
    return Objects.requireNonNull(((Event.Put) event).value());
  }
}
