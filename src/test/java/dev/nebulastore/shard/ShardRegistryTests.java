package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.OneShard.putNew;
import static dev.nebulastore.shard.OneShard.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.KvException.Stopping;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardRegistryTests {

  private static void assertFails(
      CompletableFuture<Outcome> call, Class<? extends KvException> kind) {
    assertThatThrownBy(call::join).hasCauseInstanceOf(kind);
  }

  @Test
  void executesCommandsInOrder() {
    try (OneShard shard = new OneShard()) {
      assertThat(shard.ask(put("a", "1"))).isInstanceOf(Outcome.Created.class);
      assertThat(shard.ask(put("a", "2"))).isInstanceOf(Outcome.Replaced.class);
      assertThat(text(shard.ask(get("a")))).isEqualTo("2");
    }
  }

  @Test
  void parkedWorkerIsWokenWhenTheCallerSaysSo() {
    try (OneShard shard = new OneShard()) {
      shard.awaitIdle();
      Queue<Runnable> wakeUps = new ArrayDeque<>();
      AtomicInteger told = new AtomicInteger();
      for (int i = 0; i < 3; i++) {
        var _ =
            shard.gateway.begin(
                put("a", ""), ContentBudget.UNLIMITED, told::incrementAndGet, wakeUps::add);
      }
      assertThat(shard.waiting()).isEqualTo(3);
      assertThat(told).hasValue(0);
      assertThat(wakeUps).isNotEmpty().allSatisfy(Runnable::run);
      await().until(() -> told.get() >= 3);
    }
  }

  @Test
  void writesOfOneBatchSeeEachOther() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      var calls = shard.queue(put("a", "1"), put("a", "2"), put("b", "1"), get("c"));
      hold.release();
      assertThat(calls.get(0).join()).isInstanceOf(Outcome.Created.class);
      assertThat(calls.get(1).join()).isInstanceOf(Outcome.Replaced.class);
      assertThat(calls.get(2).join()).isInstanceOf(Outcome.Created.class);
      assertThat(calls.get(3).join()).isEqualTo(new Outcome.Absent());
      assertThat(text(shard.ask(get("a")))).isEqualTo("2");
    }
  }

  @Test
  void readsIgnoreUncommittedWrites() {
    try (OneShard shard = new OneShard()) {
      shard.ask(put("a", "old"));
      Hold hold = shard.hold();
      Hold commit = shard.engine.holdBeforeSubmit();
      var calls = shard.queue(put("a", "new"), get("b"), get("a"));
      hold.release();
      assertThat(calls.get(1).join()).isEqualTo(new Outcome.Absent());
      assertThat(text(calls.get(2).join())).isEqualTo("old");
      assertThat(calls.get(0)).isNotDone();
      commit.release();
      calls.get(0).join();
      assertThat(text(shard.ask(get("a")))).isEqualTo("new");
    }
  }

  @Test
  void refusalsWaitForTheWriteTheyDependOn() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      Hold commit = shard.engine.holdBeforeSubmit();
      var calls = shard.queue(put("a", "1"), putNew("a", "2"), putNew("b", "1"));
      hold.release();
      commit.awaitReached();
      assertThat(calls.get(1)).isNotDone();
      commit.release();
      assertThat(calls.get(1).join()).isInstanceOf(Outcome.PreconditionFailed.class);
      assertThat(calls.get(2).join()).isInstanceOf(Outcome.Created.class);
    }
  }

  @Test
  void writesAreAnsweredAfterTheirCommit() {
    try (OneShard shard = new OneShard()) {
      Hold commit = shard.engine.holdBeforeSubmit();
      var call = shard.send(put("a", "1"));
      commit.awaitReached();
      assertThat(call).isNotDone();
      commit.release();
      assertThat(call.join()).isInstanceOf(Outcome.Created.class);
    }
  }

  @Test
  void fullMailboxRefusesAtOnce() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      var calls =
          shard.queue(Collections.nCopies(OneShard.CAPACITY, get("a")).toArray(Command[]::new));
      assertThatThrownBy(() -> shard.ask(put("refused", "1"))).isInstanceOf(MailboxFull.class);
      assertThat(shard.registry.status(0).rejected()).isEqualTo(1);
      hold.release();
      calls.forEach(CompletableFuture::join);
      assertThat(shard.ask(get("refused"))).isEqualTo(new Outcome.Absent());
    }
  }

  @Test
  void overdueCommandsAreNeverApplied() {
    try (OneShard shard = new OneShard(Duration.ofMillis(50), true)) {
      Hold hold = shard.hold();
      assertThatThrownBy(() -> shard.ask(put("late", "1"))).isInstanceOf(DeadlineExceeded.class);
      assertFails(shard.held, OutcomeUnknown.class);
      hold.release();
      await().untilAsserted(() -> assertThat(shard.waiting()).isZero());
      await()
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(shard.ask(get("late"))).isEqualTo(new Outcome.Absent()));
      assertThat(shard.changes).isEmpty();
    }
  }

  @Test
  void workersDropOverdueCommands() {
    try (OneShard shard = new OneShard()) {
      PendingCommand overdue =
          new PendingCommand(Execution.SYSTEM, put("late", "1"), Duration.ofNanos(1));
      assertThat(shard.offer(overdue)).isEqualTo(Mailbox.Offer.ACCEPTED);
      assertThat(shard.ask(get("late"))).isEqualTo(new Outcome.Absent());
      assertThatThrownBy(
              () -> new AnswerWaiter(new Deadlines(Execution.SYSTEM)).await(overdue, true))
          .isInstanceOf(DeadlineExceeded.class);
    }
  }

  @Test
  void deathFailsOnlyTheCurrentCommand() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      var calls =
          shard.queue(put("before", "1"), get("else"), put("poison", "1"), put("after", "1"));
      shard.engine.onGet(key -> dieOf(key, "poison"));
      hold.release();
      assertFails(calls.get(2), OutcomeUnknown.class);
      assertThat(calls.get(0).join()).isInstanceOf(Outcome.Created.class);
      assertThat(calls.get(1).join()).isEqualTo(new Outcome.Absent());
      assertThat(calls.get(3).join()).isInstanceOf(Outcome.Created.class);
      assertThat(shard.registry.status(0).generation()).isEqualTo(2);
      assertThat(shard.changes).as("nothing is applied twice").hasSize(2);
      assertThat(shard.deaths).singleElement().isInstanceOf(StackOverflowError.class);
    }
  }

  private static void dieOf(Key key, String poison) {
    if (key.equals(Key.of(poison))) {
      throw new StackOverflowError("poison");
    }
  }

  @Test
  void deathAfterTheSubmitLosesNothing() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      var calls = shard.queue(put("a", "1"), put("b", "1"));
      Hold dying = new Hold();
      shard.engine.afterSubmit(writes -> {
        shard.engine.afterSubmit(later -> {});
        dying.stay();
        throw new IllegalStateException("after the hand-in");
      });
      hold.release();
      dying.awaitReached();
      var next = shard.queue(get("a"));
      dying.release();
      assertThat(calls.get(0).join()).isInstanceOf(Outcome.Created.class);
      assertThat(calls.get(1).join()).isInstanceOf(Outcome.Created.class);
      assertThat(text(next.getFirst().join())).isEqualTo("1");
      assertThat(shard.changes).as("each is published once").hasSize(2);
    }
  }

  @Test
  void lateWritesOfStuckWorkersAreFenced() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.engine.holdBeforeSubmit();
      var stuck = shard.send(put("a", "zombie"));
      hold.awaitReached();
      var waiting = shard.queue(put("b", "1"));

      assertThat(shard.registry.replace(0, 1)).isTrue();
      assertThat(shard.registry.replace(0, 1)).as("a generation is replaced once").isFalse();
      assertThat(stuck.join()).as("by the successor").isInstanceOf(Outcome.Created.class);
      assertThat(waiting.getFirst().join()).isInstanceOf(Outcome.Created.class);
      assertThat(shard.ask(put("a", "successor"))).isInstanceOf(Outcome.Replaced.class);

      hold.release();
      shard.awaitEndOf(1);
      assertThat(text(shard.ask(get("a")))).isEqualTo("successor");
      assertThat(shard.changes).hasSize(3);
      assertThat(shard.deaths).as("a fenced worker that ends is not dead").isEmpty();
      assertThat(shard.registry.status(0).generation()).isEqualTo(2);
    }
  }

  @Test
  void decidedCommandsOfStuckWorkersAreNotLost() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      var calls = shard.queue(put("a", "1"), put("b", "1"));
      Hold second = shard.engine.holdAt(Key.of("b"));
      hold.release();
      second.awaitReached();
      shard.registry.replace(0, 1);
      assertThat(calls.get(0).join()).isInstanceOf(Outcome.Created.class);
      assertFails(calls.get(1), OutcomeUnknown.class);
      second.release();
      shard.awaitEndOf(1);
      assertThat(shard.ask(get("b"))).isEqualTo(new Outcome.Absent());
    }
  }

  @Test
  void killingWorkersFailsAndRepeatsNoCommand() {
    try (OneShard shard = new OneShard()) {
      int writers = 4;
      int writes = 500;
      List<CompletableFuture<Void>> load =
          IntStream.range(0, writers)
              .mapToObj(w ->
                  CompletableFuture.runAsync(
                      () -> write(shard, "w" + w, writes),
                      command -> Thread.ofVirtual().start(command)))
              .toList();
      var all = CompletableFuture.allOf(load.toArray(CompletableFuture[]::new));
      int kills = 0;
      while (!all.isDone()) {
        long generation = shard.registry.kill(0);
        await().pollInSameThread().until(() -> shard.registry.status(0).generation() > generation);
        kills++;
      }
      all.join();
      assertThat(kills).isPositive();
      assertThat(shard.changes).hasSize(writers * writes).doesNotHaveDuplicates();
      assertThat(shard.changes.stream().map(change -> change.revision().number()).distinct())
          .hasSize(writers * writes);
      assertThat(shard.deaths).allMatch(WorkerKilled.class::isInstance);
    }
  }

  private static void write(OneShard shard, String key, int times) {
    for (int i = 0; i < times; i++) {
      shard.ask(put(key, Integer.toString(i)));
      assertThat(text(shard.ask(get(key)))).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void quarantinedShardsRefuseUntilRevived() {
    try (OneShard shard = new OneShard()) {
      shard.ask(put("a", "1"));
      Hold hold = shard.hold();
      var waiting = shard.queue(put("b", "1"));
      assertThat(shard.registry.quarantine(0, 1, Duration.ofSeconds(30))).isTrue();
      assertFails(waiting.getFirst(), ShardSetAside.class);
      assertFails(shard.held, OutcomeUnknown.class);
      assertThatThrownBy(() -> shard.ask(get("a")))
          .isInstanceOfSatisfying(
              ShardSetAside.class,
              e ->
                  assertThat(e.retryAfter().orElseThrow())
                      .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30)));
      assertThat(shard.registry.status(0).state()).isEqualTo(State.QUARANTINED);
      shard.registry.revive(0);
      assertThat(text(shard.ask(get("a")))).isEqualTo("1");
      assertThat(shard.ask(get("b"))).isEqualTo(new Outcome.Absent());
      hold.release();
    }
  }

  @Test
  void deadWorkersAreReportedAsDead() {
    try (OneShard shard = new OneShard(Duration.ofMinutes(1), false)) {
      shard.registry.kill(0);
      await().until(() -> shard.registry.status(0).state() == State.DEAD);
      var waiting = shard.queue(put("a", "1"));
      shard.registry.replace(0, 1);
      assertThat(waiting.getFirst().join()).isInstanceOf(Outcome.Created.class);
    }
  }

  @Test
  void stopFinishesWaitingCommandsAndThenRefuses() {
    OneShard shard = new OneShard();
    Hold hold = shard.hold();
    var waiting = shard.queue(put("a", "1"), get("a"));
    var stopped = CompletableFuture.runAsync(shard::stop);
    hold.release();
    stopped.join();
    assertThat(waiting.get(0).join()).isInstanceOf(Outcome.Created.class);
    assertThat(waiting.get(1)).isCompleted();
    assertThatThrownBy(() -> shard.ask(get("a"))).isInstanceOf(Stopping.class);
    assertThat(shard.registry.status(0).state()).isEqualTo(State.STOPPED);
    shard.close();
  }

  @Test
  void unknownShardsAreRefused() {
    try (OneShard shard = new OneShard()) {
      assertThatThrownBy(() -> shard.registry.status(1)).isInstanceOf(NoSuchShard.class);
      assertThatThrownBy(() -> shard.registry.kill(-1)).isInstanceOf(NoSuchShard.class);
    }
  }

  @Test
  void interruptedCallersGetTheirAnswers() {
    try (OneShard shard = new OneShard()) {
      Hold hold = shard.hold();
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread caller =
          Thread.ofVirtual()
              .start(() -> {
                shard.ask(put("a", "1"));
                interrupted.complete(Thread.currentThread().isInterrupted());
              });
      await().until(() -> shard.waiting() == 1);
      caller.interrupt();
      hold.release();
      assertThat(interrupted.join()).isTrue();
    }
  }

  /** The engine has already opened the next generation, and opens none twice. */
  @Test
  void failedCreationOfAWorkerCanBeRepeated() {
    try (OneShard shard = new OneShard(Duration.ofMinutes(1), false)) {
      shard.onHire =
          () -> {
            throw new OutOfMemoryError("test");
          };
      assertThatThrownBy(() -> shard.registry.replace(0, 1)).isInstanceOf(OutOfMemoryError.class);
      shard.onHire = () -> {};
      assertThat(shard.registry.replace(0, 1)).isTrue();
      assertThat(shard.ask(put("a", "1"))).isInstanceOf(Outcome.Created.class);
    }
  }
}
