package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Reads that wait for a change. */
@ServerTest
class LongPollIT {

  private final String url;
  private final NebulaStore store;

  LongPollIT(TestServer server) {
    url = server.url();
    store = NebulaStore.at(url);
  }

  @Test
  void longPollsWaitForTheNextVersion() {
    // @start region="await"
    String etag = store.put("config", Value.text("level=info")).etag();
    var next =
        CompletableFuture.supplyAsync(
            () -> store.await("config", Condition.differsFrom(etag), Wait.seconds(60)));
    store.put("config", Value.text("level=debug"));

    assertThat(next.join())
        .isInstanceOfSatisfying(
            Reading.Found.class,
            found -> assertThat(found.entry().text()).isEqualTo("level=debug"));
    // @end
  }

  @Test
  void waitsMayExceedTheAnswerTimeout() {
    var hasty = ClientSettings.defaults().withAnswerTimeout(Duration.ofMillis(900));
    NebulaStore store = NebulaStore.at(url, hasty);
    String etag = store.put("poll/same", Value.text("1")).etag();

    assertThat(store.await("poll/same", Condition.differsFrom(etag), Wait.seconds(1)))
        .isEqualTo(new Reading.Unchanged());
    assertThat(store.await("poll/absent", Condition.none(), Wait.seconds(1)))
        .isEqualTo(new Reading.Absent());
  }
}
