package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.OneShard.putNew;
import static dev.nebulastore.shard.OneShard.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.storage.HookedEngine.Hold;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a worker executes commands whose entry must be read from disk. */
class AsyncReadsTests {

  private static final Key COLD = Key.of("cold");

  private final OneShard shard = new OneShard();

  @BeforeEach
  void putOnDisk() {
    shard.ask(put("cold", "old"));
    shard.engine.onDisk(COLD);
  }

  @AfterEach
  void stop() {
    shard.engine.fetches().forEach(Runnable::run);
    shard.close();
  }

  private Runnable nextFetch() throws InterruptedException {
    Runnable fetch = shard.engine.fetches().poll(1, TimeUnit.MINUTES);
    assertThat(fetch).as("a fetch was requested").isNotNull();
    return fetch;
  }

  @Test
  void readsOfTheDiskDoNotDelayOtherCommands() throws Exception {
    var cold = shard.send(get("cold"));
    Runnable fetch = nextFetch();
    assertThat(shard.ask(put("warm", "1"))).isInstanceOf(Outcome.Created.class);
    assertThat(text(shard.ask(get("warm")))).isEqualTo("1");
    assertThat(cold).isNotDone();
    fetch.run();
    assertThat(text(cold.join())).isEqualTo("old");
  }

  @Test
  void readsAreAnsweredByTheThreadThatFetched() throws Exception {
    var cold = shard.send(get("cold"));
    Runnable fetch = nextFetch();
    Hold hold = shard.hold();
    fetch.run();
    assertThat(text(cold.join())).isEqualTo("old");
    hold.release();
  }

  @Test
  void largeValuesAreAnsweredByTheWorker() throws Exception {
    shard.engine.inMemory(COLD);
    shard.ask(put("cold", "x".repeat(5_000)));
    shard.engine.onDisk(COLD);
    var cold = shard.send(get("cold"));
    Runnable fetch = nextFetch();
    Hold hold = shard.hold();
    fetch.run();
    assertThat(cold).isNotDone();
    hold.release();
    assertThat(text(cold.join())).hasSize(5_000);
  }

  @Test
  void answeredReadsTakeNoCapacity() throws Exception {
    List<CompletableFuture<Outcome>> reads = new ArrayList<>();
    List<Runnable> fetches = new ArrayList<>();
    for (int i = 0; i < OneShard.CAPACITY; i++) {
      reads.add(shard.send(get("cold")));
      fetches.add(nextFetch());
    }
    shard.awaitIdle();
    fetches.forEach(Runnable::run);
    reads.forEach(read -> assertThat(text(read.join())).isEqualTo("old"));
    var next = shard.send(get("cold"));
    nextFetch().run();
    assertThat(text(next.join())).isEqualTo("old");
  }

  @Test
  void writesOfOneKeyShareAFetchAndStayInOrder() throws Exception {
    Hold hold = shard.hold();
    var writes = shard.queue(put("cold", "1"), put("cold", "2"), putNew("cold", "3"));
    hold.release();
    Runnable fetch = nextFetch();
    assertThat(shard.ask(put("warm", "1"))).isInstanceOf(Outcome.Created.class);
    assertThat(shard.engine.fetches()).isEmpty();
    shard.engine.inMemory(COLD);
    fetch.run();
    assertThat(writes.get(0).join()).isInstanceOf(Outcome.Replaced.class);
    assertThat(writes.get(1).join()).isInstanceOf(Outcome.Replaced.class);
    assertThat(writes.get(2).join()).isInstanceOf(Outcome.PreconditionFailed.class);
    assertThat(text(shard.ask(get("cold")))).isEqualTo("2");
  }

  @Test
  void writesWaitBehindFetchingWritesOfTheirKey() throws Exception {
    var first = shard.send(put("cold", "1"));
    Runnable fetch = nextFetch();
    shard.engine.inMemory(COLD);
    Hold hold = shard.hold();
    var second = shard.queue(put("cold", "2")).getFirst();
    hold.release();
    assertThat(shard.ask(put("warm", "1"))).isInstanceOf(Outcome.Created.class);
    assertThat(second).isNotDone();
    fetch.run();
    first.join();
    second.join();
    assertThat(text(shard.ask(get("cold")))).isEqualTo("2");
  }

  @Test
  void readsDoNotShareFetchesFromBeforeAWrite() throws Exception {
    var early = shard.send(get("cold"));
    Runnable stale = nextFetch();
    var write = shard.send(put("cold", "new"));
    nextFetch().run();
    write.join();
    var late = shard.send(get("cold"));
    nextFetch().run();
    assertThat(text(late.join())).isEqualTo("new");
    stale.run();
    assertThat(early.join()).isInstanceOf(Outcome.Found.class);
  }

  @Test
  void successorRepeatsOutstandingFetches() throws Exception {
    var read = shard.send(get("cold"));
    Runnable old = nextFetch();
    var write = shard.send(put("cold", "1"));
    Runnable older = nextFetch();
    shard.registry.kill(0);
    await().until(() -> shard.registry.status(0).generation() == 2);
    nextFetch().run();
    nextFetch().run();
    assertThat(read.join()).isInstanceOf(Outcome.Found.class);
    assertThat(write.join()).isInstanceOf(Outcome.Replaced.class);
    old.run();
    older.run();
    assertThat(shard.changes).as("written once").hasSize(2);
  }

  @Test
  void deferredCommandsAreLimitedToTheCapacity() throws Exception {
    List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
    List<Runnable> fetches = new ArrayList<>();
    for (int i = 0; i < OneShard.CAPACITY; i++) {
      waiting.add(shard.send(get("cold")));
      fetches.add(nextFetch());
    }
    assertThatThrownBy(() -> shard.ask(get("cold"))).isInstanceOf(MailboxFull.class);
    assertThat(shard.registry.status(0).rejected()).isEqualTo(1);
    assertThat(shard.ask(get("warm"))).isEqualTo(new Outcome.Absent());
    fetches.forEach(Runnable::run);
    waiting.forEach(call -> assertThat(call.join()).isInstanceOf(Outcome.Found.class));
  }

  /** The fetched entry may be out of date then, although nobody wrote the key meanwhile. */
  @Test
  void writesAreRefusedAfterALossSinceTheirFetch() throws Exception {
    var write = shard.send(put("cold", "1"));
    Runnable fetch = nextFetch();
    shard.engine.lose();
    fetch.run();
    assertThatThrownBy(write::join)
        .cause()
        .isInstanceOfSatisfying(
            StoreUnavailable.class, e -> assertThat(e.applied()).isEqualTo(Applied.NO));
    assertThat(shard.changes).hasSize(1);
  }

  @Test
  void stopFinishesOutstandingFetches() throws Exception {
    var write = shard.send(put("cold", "1"));
    Runnable fetch = nextFetch();
    var stopped = CompletableFuture.runAsync(shard::stop);
    await().until(() -> !shard.registry.isRunning());
    fetch.run();
    stopped.join();
    assertThat(write.join()).isInstanceOf(Outcome.Replaced.class);
  }
}
