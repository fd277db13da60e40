package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.HookedEngine.Hold;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** Batches and listings over an engine with injected faults. */
@ServerTest
@Import(FaultyMemory.class)
@TestPropertySource(
    properties = {
      "nebula.shards.count=1",
      "nebula.shards.deadline=30s",
      "nebula.supervision.interval=1m"
    })
class BatchUnderFaultsTests {

  /** The limit of commands of a batch in flight. Below: the limit of reads among them. */
  private static final int MAX = 1_000;

  private static final int MAX_READS = 16;

  private static final String TYPE = "Content-Type: application/x-ndjson";

  private final int port;
  private final HookedEngine engine;
  private final ShardRegistry registry;

  BatchUnderFaultsTests(@LocalServerPort int port, HookedEngine engine, ShardRegistry registry) {
    this.port = port;
    this.engine = engine;
    this.registry = registry;
  }

  @AfterEach
  void heal() {
    engine.onScan(range -> {});
    engine.onGet(key -> {});
    registry.revive(0);
  }

  private static byte[] puts(String prefix, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"op\":\"put\",\"key\":\"%s%05d\",\"value\":\"v\"}".formatted(prefix, i))
        .collect(Collectors.joining("\n"))
        .getBytes(UTF_8);
  }

  private CompletableFuture<Response> post(byte[] body) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RawHttp http = new RawHttp(port)) {
            return http.ask("POST", "/batch", body, TYPE);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  void atMostAThousandLinesAreInFlight() {
    Hold hold = engine.holdAt(Key.of("hold"));
    CompletableFuture<Response> held = post("{\"op\":\"get\",\"key\":\"hold\"}".getBytes(UTF_8));
    hold.awaitReached();
    CompletableFuture<Response> batch = post(puts("held/", 2_500));
    try {
      await().until(() -> registry.status(0).mailbox() == MAX);
      await().during(Duration.ofMillis(200)).until(() -> registry.status(0).mailbox() == MAX);
    } finally {
      hold.release();
    }
    assertThat(held.join().text()).startsWith("{\"status\":404,");
    assertThat(batch.join().text().lines())
        .hasSize(2_500)
        .allMatch(line -> line.startsWith("{\"status\":201,"));
  }

  /** Otherwise requests of other clients would wait behind them. */
  @Test
  void fewReadsAreInFlight() {
    Hold hold = engine.holdAt(Key.of("hold"));
    CompletableFuture<Response> held = post("{\"op\":\"get\",\"key\":\"hold\"}".getBytes(UTF_8));
    hold.awaitReached();
    String gets = new String(puts("read/", 200), UTF_8).replace("\"put\"", "\"get\"");
    CompletableFuture<Response> batch = post(gets.replace(",\"value\":\"v\"", "").getBytes(UTF_8));
    try {
      await().until(() -> registry.status(0).mailbox() == MAX_READS);
      await().during(Duration.ofMillis(200)).until(() -> registry.status(0).mailbox() == MAX_READS);
    } finally {
      hold.release();
    }
    assertThat(held.join().text()).startsWith("{\"status\":404,");
    assertThat(batch.join().text().lines())
        .hasSize(200)
        .allMatch(line -> line.startsWith("{\"status\":404,"));
  }

  @Test
  void endOfAChunkIsNotTakenForInput() throws IOException {
    String lines = new String(puts("frame/", 3), UTF_8) + "\n";
    Hold hold = engine.holdAt(Key.of("frame/00000"));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String head = RawHttp.head("POST", "/batch", TYPE, "Transfer-Encoding: chunked") + "\r\n";
      String chunk = head + Integer.toHexString(lines.length()) + "\r\n" + lines;
      socket.getOutputStream().write(RawHttp.bytes(chunk));
      hold.awaitReached();
      socket.getOutputStream().write(RawHttp.bytes("\r\n"));
      hold.release();
      for (int answers = 0; answers < 3; ) {
        answers += in.readLine().contains("{\"status\":201") ? 1 : 0;
      }
    } finally {
      hold.release();
    }
  }

  @Test
  void shardFailureIsTheAnswerOfItsLine() {
    engine.onGet(key -> {
      if (key.equals(Key.of("poison/00001"))) {
        engine.onGet(others -> {});
        throw new StackOverflowError("poison");
      }
    });
    List<String> answers = post(puts("poison/", 3)).join().text().lines().toList();
    assertThat(answers.get(0)).startsWith("{\"status\":201,");
    assertThat(answers.get(1))
        .startsWith("{\"status\":504,\"problem\":{\"type\":\"/problems/outcome-unknown\"")
        .endsWith("\"key\":\"poison/00001\",\"shard\":0,\"applied\":\"unknown\"}}");
    registry.quarantine(0, registry.status(0).generation(), Duration.ofHours(1));
    assertThat(post(puts("poison/", 2)).join().text().lines())
        .hasSize(2)
        .allMatch(
            line -> line.startsWith("{\"status\":503,") && line.contains("\"applied\":\"no\""));
  }

  @Test
  void brokenListingHasNoEnd() {
    post(puts("cut/", 3_000)).join();
    AtomicInteger scans = new AtomicInteger();
    engine.onScan(range -> {
      if (scans.incrementAndGet() == 3) {
        throw new IllegalStateException("a fault to order");
      }
    });
    try (RawHttp http = new RawHttp(port)) {
      String head = RawHttp.head("GET", "/keys?prefix=cut/", "Accept: application/x-ndjson");
      String all = new String(http.send(RawHttp.bytes(head + "\r\n")).rest(), UTF_8);
      assertThat(all).startsWith("HTTP/1.1 200").contains("cut/00000", "cut/01999");
      assertThat(all).doesNotContain("cut/02000").doesNotEndWith("0\r\n\r\n");
    }
    engine.onScan(range -> {
      throw new IllegalStateException("a fault to order");
    });
    try (RawHttp http = new RawHttp(port)) {
      ProblemJson.of(
          http.ask("GET", "/keys", "Accept: application/x-ndjson"), 500, Problem.INTERNAL_ERROR);
    }
  }

  @Test
  void listingStopsWhenItsClientHasGone() {
    post(puts("gone/", 60_000)).join();
    AtomicInteger scans = new AtomicInteger();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    engine.onScan(range -> {
      if (scans.incrementAndGet() == 2) {
        begun.complete(null);
        gone.join();
      }
    });
    try (RawHttp http = new RawHttp(port)) {
      String head = RawHttp.head("GET", "/keys?prefix=gone/", "Accept: application/x-ndjson");
      http.send(RawHttp.bytes(head + "\r\n"));
      begun.join();
    }
    gone.complete(null);
    await().during(Duration.ofMillis(500)).until(scans::get, count -> count < 10);
  }
}
