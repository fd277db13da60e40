package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Watches continue where they broke off, or say that changes may be missing. */
class WatchReconnectionTests {

  private static final String POSITION = ": here\nid: p0\n\n";
  private static final String FIRST = event("put", "p1", "a");
  private static final String SECOND = event("delete", "p2", "b");

  private final List<Duration> rests = new ArrayList<>();

  private static String event(String name, String id, String key) {
    return """
    event: %s
    id: %s
    data: {"key":"%s","etag":"\\"1\\""}

    """
        .formatted(name, id, key);
  }

  private NebulaStore client(FakeServer server) {
    return client(server, ClientSettings.defaults());
  }

  private NebulaStore client(FakeServer server, ClientSettings settings) {
    return new Connection(server.url(), settings, rests::add, new Random(1))
        .open(NebulaStore.class);
  }

  @Test
  void watchesContinueAfterTheLastCompleteEvent() throws IOException {
    String broken = POSITION + FIRST + SECOND.substring(0, SECOND.length() - 1);
    try (var server = new FakeServer(FakeServer.events(broken), FakeServer.events(SECOND));
        var watch = client(server).watchPrefix("")) {
      assertThat(watch.next()).isEqualTo(new Event.Put("p1", "a", "\"1\"", null));
      assertThat(watch.next()).isEqualTo(new Event.Delete("p2", "b", "\"1\""));
      assertThat(watch.lastId()).contains("p2");
      assertThat(server.requests())
          .containsExactly("GET /watch?prefix=", "GET /watch?prefix= after p1");
      assertThat(rests).hasSize(1);
    }
  }

  @Test
  void positionsWithoutAnEventCount() throws IOException {
    try (var server = new FakeServer(FakeServer.events(POSITION), FakeServer.events(FIRST));
        var watch = client(server).watchKey("a", true, "earlier")) {
      assertThat(watch.next().id()).isEqualTo("p1");
      assertThat(server.requests())
          .containsExactly(
              "GET /watch?key=a&values=true after earlier",
              "GET /watch?key=a&values=true after p0");
    }
  }

  @Test
  void withoutAPositionThereIsAReset() throws IOException {
    try (var server = new FakeServer(FakeServer.events(""), FakeServer.events(FIRST));
        var watch = client(server).watchPrefix("")) {
      assertThat(watch.next()).isEqualTo(new Event.Reset(""));
      assertThat(watch.next().id()).isEqualTo("p1");
    }
  }

  @Test
  void silentConnectionsAreReplaced() throws IOException {
    var never = new CountDownLatch(1);
    var settings = ClientSettings.defaults().withSilence(Duration.ofMillis(300));
    try (var server =
            new FakeServer(FakeServer.events(POSITION + FIRST, never), FakeServer.events(SECOND));
        var watch = client(server, settings).watchPrefix("")) {
      assertThat(watch.stream().limit(2).map(Event::id)).containsExactly("p1", "p2");
      never.countDown();
    }
  }

  @Test
  void watchesOfASilentServerFail() throws IOException {
    var never = new CountDownLatch(1);
    var settings =
        ClientSettings.defaults()
            .withSilence(Duration.ofMillis(300))
            .withAttempts(1, Duration.ofMillis(1), Duration.ofMillis(1));
    try (var server = new FakeServer(exchange -> FakeServer.quietly(never))) {
      assertThatThrownBy(() -> client(server, settings).watchPrefix(""))
          .isInstanceOfSatisfying(
              NebulaStoreException.class,
              e -> assertThat(e.code()).isEqualTo(NebulaStoreException.NO_ANSWER));
      never.countDown();
    }
  }

  @Test
  void temporaryFailuresAreRetriedAndOthersThrown() throws IOException {
    try (var server =
            new FakeServer(
                FakeServer.events(FIRST),
                FakeServer.problem(503, "too-many-subscribers", "", "2"),
                FakeServer.events(SECOND),
                FakeServer.problem(400, "invalid-request", ""));
        var watch = client(server).watchPrefix("")) {
      assertThat(watch.next().id()).isEqualTo("p1");
      assertThat(watch.next().id()).isEqualTo("p2");
      assertThat(rests).hasSize(2);
      assertThat(rests.get(1)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
      assertThatThrownBy(watch::next)
          .isInstanceOfSatisfying(
              NebulaStoreException.class, e -> assertThat(e.code()).isEqualTo("invalid-request"));
    }
  }

  @Test
  void closingEndsAWaitingRead() throws Exception {
    var never = new CountDownLatch(1);
    try (var server = new FakeServer(FakeServer.events(POSITION + FIRST, never))) {
      Watch watch = client(server).watchPrefix("");
      assertThat(watch.next().id()).isEqualTo("p1");
      var waiting = CompletableFuture.supplyAsync(watch::hasNext);
      assertThat(waiting).isNotDone();
      watch.close();
      assertThat(waiting.get()).isFalse();
      assertThat(server.requests()).hasSize(1);
      never.countDown();
    }
  }
}
