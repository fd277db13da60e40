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

/** A watch goes on where it was broken off, and tells when it can't know what it missed. */
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

  private NebulaStore client(Script script) {
    return client(script, ClientSettings.defaults());
  }

  private NebulaStore client(Script script, ClientSettings settings) {
    return new Connection(script.url(), settings, rests::add, new Random(1)).open();
  }

  @Test
  void goesOnBehindTheLastWholeEvent() throws IOException {
    String broken = POSITION + FIRST + SECOND.substring(0, SECOND.length() - 1);
    try (var script = new Script(Script.events(broken), Script.events(SECOND));
        var watch = client(script).watchPrefix("")) {
      assertThat(watch.next()).isEqualTo(new Event.Put("p1", "a", "\"1\"", null));
      assertThat(watch.next()).isEqualTo(new Event.Delete("p2", "b", "\"1\""));
      assertThat(watch.lastId()).contains("p2");
      assertThat(script.asked())
          .containsExactly("GET /watch?prefix=", "GET /watch?prefix= after p1");
      assertThat(rests).hasSize(1);
    }
  }

  @Test
  void aPositionWithoutAnEventIsOneToGoOnFrom() throws IOException {
    try (var script = new Script(Script.events(POSITION), Script.events(FIRST));
        var watch = client(script).watchKey("a", true, "earlier")) {
      assertThat(watch.next().id()).isEqualTo("p1");
      assertThat(script.asked())
          .containsExactly(
              "GET /watch?key=a&values=true after earlier",
              "GET /watch?key=a&values=true after p0");
    }
  }

  @Test
  void withoutAPositionItSaysThatChangesMayBeMissing() throws IOException {
    try (var script = new Script(Script.events(""), Script.events(FIRST));
        var watch = client(script).watchPrefix("")) {
      assertThat(watch.next()).isEqualTo(new Event.Reset(""));
      assertThat(watch.next().id()).isEqualTo("p1");
    }
  }

  @Test
  void silenceIsABreak() throws IOException {
    var never = new CountDownLatch(1);
    var settings = ClientSettings.defaults().withSilence(Duration.ofMillis(300));
    try (var script = new Script(Script.events(POSITION + FIRST, never), Script.events(SECOND));
        var watch = client(script, settings).watchPrefix("")) {
      assertThat(watch.stream().limit(2).map(Event::id)).containsExactly("p1", "p2");
      never.countDown();
    }
  }

  @Test
  void aServerThatDoesNotAnswerAtAllIsNoAnswer() throws IOException {
    var never = new CountDownLatch(1);
    var settings =
        ClientSettings.defaults()
            .withSilence(Duration.ofMillis(300))
            .withAttempts(1, Duration.ofMillis(1), Duration.ofMillis(1));
    try (var script = new Script(exchange -> Script.quietly(never))) {
      assertThatThrownBy(() -> client(script, settings).watchPrefix(""))
          .isInstanceOfSatisfying(
              NebulaStoreException.class,
              e -> assertThat(e.code()).isEqualTo(NebulaStoreException.NO_ANSWER));
      never.countDown();
    }
  }

  @Test
  void aServerThatIsNotReadyIsAskedAgainAndARefusalIsTold() throws IOException {
    try (var script =
            new Script(
                Script.events(FIRST),
                Script.problem(503, "too-many-subscribers", "", "2"),
                Script.events(SECOND),
                Script.problem(400, "invalid-request", ""));
        var watch = client(script).watchPrefix("")) {
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
  void closingItEndsAReadThatWaits() throws Exception {
    var never = new CountDownLatch(1);
    try (var script = new Script(Script.events(POSITION + FIRST, never))) {
      Watch watch = client(script).watchPrefix("");
      assertThat(watch.next().id()).isEqualTo("p1");
      var waiting = CompletableFuture.supplyAsync(watch::hasNext);
      assertThat(waiting).isNotDone();
      watch.close();
      assertThat(waiting.get()).isFalse();
      assertThat(script.asked()).hasSize(1);
      never.countDown();
    }
  }
}
