package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die or get stuck, over the durable engine. */
class DurableShardsTests {

  private static final int SHARDS = 2;
  private static final int KILLS = Integer.getInteger("nebula.test.kills", 100);
  private static final int WRITERS = 8;

  @TempDir private Path folder;
  private final Queue<Change> changes = new ConcurrentLinkedQueue<>();

  @SuppressWarnings("NullAway.Init")
  private HookedEngine engine;

  @SuppressWarnings("NullAway.Init")
  private Shards shards;

  @BeforeEach
  void start() {
    engine = new HookedEngine(RocksDbEngines.open(folder.resolve("data")));
    shards =
        Shards.create(
            SHARDS, engine, InstantSource.system(), (shard, made) -> changes.addAll(made));
    shards.registry.addListener(
        new ShardListener() {
          @Override
          public void serving(int shard, long generation) {}

          @Override
          public void died(int shard, long generation, Throwable cause) {
            shards.registry.replace(shard, generation);
          }
        });
    shards.start();
  }

  @AfterEach
  void stop() {
    shards.stop();
    engine.close();
  }

  private String read(String key) {
    return OneShard.text(shards.gateway.ask(OneShard.get(key)));
  }

  @Test
  void killingWorkersLosesAndRepeatsNoWrite() {
    CompletableFuture<Void> killing =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < KILLS; i++) {
            int shard = i % SHARDS;
            long generation = shards.registry.kill(shard);
            await()
                .pollInSameThread()
                .until(() -> shards.registry.status(shard).generation() > generation);
          }
        });
    List<CompletableFuture<Integer>> load =
        IntStream.range(0, WRITERS)
            .mapToObj(writer ->
                CompletableFuture.supplyAsync(
                    () -> write(writer, killing), task -> Thread.ofVirtual().start(task)))
            .toList();
    killing.join();
    int written = load.stream().mapToInt(CompletableFuture::join).sum();
    assertThat(written).isGreaterThan(KILLS);
    assertThat(changes).as("each write is published exactly once").hasSize(written);
    assertThat(engine.usage().entries()).isEqualTo(WRITERS);
  }

  /** Each write must be visible to the next read, even if the worker dies between the two. */
  private int write(int writer, CompletableFuture<Void> until) {
    String key = writer % SHARDS + "w" + writer;
    int writes = 0;
    while (!until.isDone()) {
      shards.gateway.ask(OneShard.put(key, Integer.toString(writes)));
      assertThat(read(key)).isEqualTo(Integer.toString(writes));
      writes++;
    }
    return writes;
  }

  @Test
  void stuckWorkersAreFencedWhileOtherShardsServe() {
    assertThat(shards.gateway.ask(OneShard.put("a", "first"))).isInstanceOf(Outcome.Created.class);
    Hold hold = engine.holdAt(Key.of("a"));
    var stuck =
        CompletableFuture.supplyAsync(
            () -> shards.gateway.ask(OneShard.put("a", "late")),
            task -> Thread.ofVirtual().start(task));
    hold.awaitReached();
    for (int i = 0; i < 100; i++) {
      shards.gateway.ask(OneShard.put("1b", Integer.toString(i)));
      assertThat(read("1b")).isEqualTo(Integer.toString(i));
    }
    shards.registry.replace(0, 1);
    assertThat(stuck)
        .failsWithin(Duration.ofMinutes(1))
        .withThrowableThat()
        .withCauseInstanceOf(OutcomeUnknown.class);
    Command write = OneShard.put("a", "successor");
    assertThat(shards.gateway.ask(write)).isInstanceOf(Outcome.Replaced.class);
    hold.release();
    shards.gateway.ask(OneShard.put("b", "after"));
    assertThat(read("a")).isEqualTo("successor");
  }

  @Test
  void stoppedWorkersAreNotDead() {
    Hold hold = engine.holdAt(Key.of("held"));
    var held =
        CompletableFuture.runAsync(
            () -> shards.gateway.ask(OneShard.get("held")), task -> Thread.ofVirtual().start(task));
    hold.awaitReached();
    var stopping = CompletableFuture.runAsync(shards::stop);
    await().until(() -> shards.registry.status(1).state() != State.SERVING);
    assertThat(shards.registry.status(1).state()).isEqualTo(State.STOPPED);
    hold.release();
    held.join();
    stopping.join();
  }
}
