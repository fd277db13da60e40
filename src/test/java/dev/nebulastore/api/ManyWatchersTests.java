package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.annotation.DirtiesContext;

/** A thousand watchers of one key, and a stop of the server meanwhile. */
@ServerTest
@DirtiesContext
class ManyWatchersTests {

  private static final int WATCHERS = 1_000;

  private final int port;
  private final WatchHub hub;
  private final ConfigurableApplicationContext server;

  ManyWatchersTests(
      @LocalServerPort int port, WatchHub hub, ConfigurableApplicationContext server) {
    this.port = port;
    this.hub = hub;
    this.server = server;
  }

  @Test
  void thousandWatchersGetEveryChange() {
    List<EventReader> readers = new ArrayList<>();
    for (int i = 0; i < WATCHERS; i++) {
      readers.add(EventReader.watching(port, i % 2 == 0 ? "key=many" : "prefix=many"));
    }
    assertThat(hub.subscribers()).isEqualTo(WATCHERS);
    List<String> etags = new ArrayList<>();
    RawHttp poll = new RawHttp(port);
    try (RawHttp http = new RawHttp(port)) {
      for (int i = 0; i < 10; i++) {
        etags.add(http.ask("PUT", "/kv/many", RawHttp.bytes("value")).etag());
      }
    }
    for (EventReader reader : readers) {
      for (String etag : etags) {
        assertThat(reader.next().text("etag")).isEqualTo(etag);
      }
    }
    poll.send(RawHttp.bytes(RawHttp.head("GET", "/kv/awaited", "Prefer: wait=60") + "\r\n"));
    await().atMost(Duration.ofMinutes(1)).until(() -> hub.subscribers() == WATCHERS + 1);
    server.stop();
    for (EventReader reader : readers) {
      assertThat(reader.next()).isSameAs(EventReader.END);
      reader.close();
    }
    Response answer = poll.answerTo("GET");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Preference-Applied")).hasValue("wait=50");
    poll.close();
    assertThat(hub.subscribers()).isZero();
  }
}
