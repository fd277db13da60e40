package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.EventReader.Block;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.watch.WatchHub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server with low limits for watchers and frequent heartbeats. */
@ServerTest
@TestPropertySource(
    properties = {
      "nebula.watch.heartbeat=50ms",
      "nebula.watch.history=20",
      "nebula.watch.max-subscribers=2"
    })
class WatchLimitsTests {

  private final int port;
  private final WatchHub hub;
  private final RawHttp http;
  private final List<EventReader> readers = new ArrayList<>();

  WatchLimitsTests(@LocalServerPort int port, WatchHub hub) {
    this.port = port;
    this.hub = hub;
    this.http = new RawHttp(port);
  }

  @BeforeEach
  void nobodyWatches() {
    await().atMost(Duration.ofMinutes(1)).until(() -> hub.subscribers() == 0);
  }

  @AfterEach
  void hangUp() {
    readers.forEach(EventReader::close);
    http.close();
  }

  private EventReader watch(String query, String... headers) {
    EventReader reader = new EventReader(port, query, headers);
    readers.add(reader);
    return reader;
  }

  private String put(String key, int size) {
    return http.ask("PUT", "/kv/" + key, RawHttp.bytes("x".repeat(size))).etag();
  }

  /** Asks on its own connection, since the server closes the connection after a 503. */
  private Response ask(String target, String... headers) {
    try (RawHttp own = new RawHttp(port)) {
      return own.ask("GET", target, headers);
    }
  }

  @Test
  void heartbeatsKeepThePositionFresh() {
    EventReader watching = watch("key=quiet");
    var _ = watching.nextBlock();
    // A heartbeat is sent when the watcher is idle. Before that, a watcher that is behind the
    // history gets a reset.
    String first = watching.nextBlock().id();
    String last = first;
    // More changes than the history holds, so that an old position would be lost, but only a few at
    // a time: if the dispatcher were overrun, a reset would be correct.
    for (int told = 10; told <= 100; told += 10) {
      for (int i = 0; i < 10; i++) {
        put("busy", 1);
      }
      while (sequence(last) < sequence(first) + told) {
        Block beat = watching.nextBlock();
        assertThat(beat.data()).isNull();
        assertThat(sequence(beat.id())).isGreaterThanOrEqualTo(sequence(last));
        last = beat.id();
      }
    }
    watching.close();
    EventReader resumed = watch("key=quiet", "Last-Event-ID", last);
    assertThat(resumed.nextBlock().data()).isNull();
    String etag = put("quiet", 1);
    assertThat(resumed.next().text("etag")).isEqualTo(etag);
  }

  private static long sequence(String id) {
    return Long.parseLong(id.substring(17));
  }

  @Test
  void positionBeforeTheHistoryGetsAReset() {
    EventReader watching = watch("key=old");
    String position = watching.nextBlock().id();
    watching.close();
    for (int i = 0; i < 21; i++) {
      put("busy", 1);
    }
    EventReader resumed = watch("key=old&since=" + position);
    assertThat(resumed.nextBlock().event()).isEqualTo("reset");
  }

  @Test
  void watchersBeyondTheLimitAreRefused() {
    EventReader first = watch("key=a");
    watch("prefix=");
    Response refused = ask("/watch?key=a");
    ProblemJson.of(refused, 503, Problem.TOO_MANY_WATCHERS);
    assertThat(refused.text())
        .contains(
            "The limit of 2 concurrent watchers is reached (`nebula.watch.max-subscribers`)."
                + " Retry later or raise it.");
    assertThat(refused.header("Retry-After")).hasValue("5");
    Response poll = ask("/kv/absent", "Prefer: wait=1");
    ProblemJson problem = ProblemJson.of(poll, 503, Problem.TOO_MANY_WATCHERS);
    assertThat(problem.member("applied")).isEmpty();
    assertThat(poll.header("Preference-Applied")).isEmpty();
    assertThat(http.ask("GET", "/kv/absent", "Prefer: wait=0").status()).isEqualTo(404);
    first.close();
    await().atMost(Duration.ofMinutes(1)).until(() -> hub.subscribers() == 1);
    assertThat(http.ask("GET", "/kv/absent", "Prefer: wait=1").status()).isEqualTo(404);
    assertThat(hub.subscribers()).isEqualTo(1);
    watch("key=a");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closedConnectionFreesItsPlace(boolean inOrder) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(RawHttp.bytes(RawHttp.head("GET", "/watch?key=a") + "\r\n"));
      await().until(() -> hub.subscribers() == 1);
      if (!inOrder) {
        socket.setSoLinger(true, 0);
      }
    }
    await().atMost(Duration.ofMinutes(1)).until(() -> hub.subscribers() == 0);
  }

  @Test
  void slowReaderIsResetAndDelaysNobody() throws IOException {
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(4_096);
      slow.setSoTimeout(60_000);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      String target = "/watch?key=large&values=true";
      slow.getOutputStream().write(RawHttp.bytes(RawHttp.head("GET", target) + "\r\n"));
      await().until(() -> hub.subscribers() == 1);
      EventReader quick = watch("key=large");
      // More than the buffers of the connection and the history can hold.
      String last = "";
      for (int i = 0; i < 120; i++) {
        last = put("large", 200_000);
        assertThat(quick.next().text("etag")).isEqualTo(last);
      }
      StringBuilder read = new StringBuilder();
      byte[] bytes = new byte[100_000];
      while (read.indexOf("event: reset") < 0) {
        int count = slow.getInputStream().read(bytes);
        assertThat(count).as("the stream continues until the reset").isPositive();
        read.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
        if (read.length() > 1_000_000) {
          read.delete(0, read.length() - 1_000);
        }
      }
    }
  }
}
