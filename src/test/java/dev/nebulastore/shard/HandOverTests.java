package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.Table.all;
import static dev.nebulastore.shard.Table.start;
import static dev.nebulastore.shard.Table.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.Table.Engine;
import dev.nebulastore.storage.HookedEngine.Hold;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that begin with "0k" are handed over from shard 0 to shard 1. */
class HandOverTests {

  /** More than a worker takes at a time, so that some still wait when it stands. */
  private static final int MORE = 2 * Mailbox.MAX_BATCH;

  @TempDir private Path folder;

  private static Placement moved() {
    return key -> key.toString().startsWith("0k") ? 1 : Shards.byDigit(key);
  }

  private static Revision revision(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Created(var entry) -> entry.revision();
      case Outcome.Replaced(var entry) -> entry.revision();
      default -> throw new AssertionError(outcome);
    };
  }

  /** Begins commands one after another on one thread, and is back when all wait. */
  private static List<ShardWorkers.Pending> begin(Table table, String key, int from, int to) {
    List<ShardWorkers.Pending> begun = new ArrayList<>();
    for (int i = from; i < to; i++) {
      begun.add(table.workers.begin(put(key, Integer.toString(i)), null));
    }
    return begun;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void versionsOfAKeyOnlyGrowThoughItsNewShardWasBehind(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "a")));
      for (int i = 0; i < 100; i++) {
        last = revision(table.ask(put("0k", "b")));
      }
      table.workers.handOver(0, 1, moved());
      assertThat(table.text("0k")).isEqualTo("b");
      assertThat(revision(table.ask(put("0k", "c")))).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("c");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void writesThatWaitGoAlongInTheirOrderAndAheadOfLaterOnes(Engine engine) throws Exception {
    try (Table table = new Table(engine, folder)) {
      Hold hold = table.engine.holdAt(Key.of("0held"));
      var held = start(() -> table.ask(get("0held")));
      hold.awaitReached();
      CompletableFuture<Void> moving =
          CompletableFuture.runAsync(
              () -> table.workers.handOver(0, 1, moved()), run -> Thread.ofVirtual().start(run));
      await().until(() -> table.workers.status(0).mailbox() == 1);
      List<ShardWorkers.Pending> behind = new ArrayList<>(begin(table, "0k", 0, MORE));
      behind.addAll(begin(table, "0stays", 0, 50));
      hold.release();
      moving.join();
      behind.addAll(begin(table, "0k", MORE, MORE + 100));
      behind.forEach(ShardWorkers.Pending::await);
      held.join();
      assertThat(table.text("0k")).isEqualTo(Integer.toString(MORE + 99));
      assertThat(table.text("0stays")).isEqualTo("49");
      List<Integer> told =
          table.changes.stream()
              .filter(change -> change.key().equals(Key.of("0k")))
              .map(change -> Integer.valueOf(text(change)))
              .toList();
      assertThat(told).hasSize(MORE + 100).isSorted();
    }
  }

  /** Its successor has them then, and stands still in its place. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void giverThatDiesBeforeTheTakerStandsLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("0k", "before"));
      Hold hold = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      hold.awaitReached();
      var moving =
          CompletableFuture.runAsync(
              () -> table.workers.handOver(0, 1, moved()), run -> Thread.ofVirtual().start(run));
      await().until(() -> table.workers.status(1).mailbox() == 1);
      List<ShardWorkers.Pending> waiting = begin(table, "0k", 0, MORE);
      table.kill(0);
      hold.release();
      moving.join();
      held.join();
      waiting.forEach(ShardWorkers.Pending::await);
      assertThat(table.text("0k")).isEqualTo(Integer.toString(MORE - 1));
    }
  }

  /** Its successor has the seat then. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void takerThatIsStuckAndReplacedBeforeItStandsLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("0k", "before"));
      Hold hold = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      hold.awaitReached();
      var moving = start(() -> table.workers.handOver(0, 1, moved()));
      await().until(() -> table.workers.status(1).mailbox() == 1);
      assertThat(table.workers.replace(1, 1)).isTrue();
      await().until(moving::isDone);
      assertThat(table.text("0k")).isEqualTo("before");
      hold.release();
      assertThatThrownBy(held::join).hasRootCauseInstanceOf(OutcomeUnknown.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void takerThatDiesJustAfterwardsLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      table.workers.handOver(0, 1, moved());
      table.kill(1);
      assertThat(revision(table.ask(put("0k", "after")))).isGreaterThan(last);
    }
  }

  @Test
  void handOverThatCanNotBeInTimeChangesNothing() {
    try (Table table = new Table(Engine.MEMORY, folder, Duration.ofMillis(50))) {
      Hold hold = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      hold.awaitReached();
      Placement before = table.workers.placement();
      assertThatThrownBy(() -> table.workers.handOver(0, 1, moved()))
          .isInstanceOf(DeadlineExceeded.class);
      assertThat(table.workers.placement()).isSameAs(before);
      assertThat(table.ask(put("0k", "a"))).isInstanceOf(Outcome.Created.class);
      hold.release();
      held.join();
    }
  }

  /** What the seat of the first waits in its mailbox is no part of it: others are served then. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void saysSinceWhenTheFirstOfTheTwoTookNothingNew(Engine engine) {
    AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5_000_000);
    Duration barrier = Duration.ofSeconds(20);
    try (Table table = new Table(Shards.pace(nanoTime::get), engine, folder, barrier)) {
      Hold first = table.engine.holdAt(Key.of("0held"));
      var heldFirst = start(() -> table.ask(get("0held")));
      first.awaitReached();
      Hold second = table.engine.holdAt(Key.of("1held"));
      var heldSecond = start(() -> table.ask(get("1held")));
      second.awaitReached();
      var moving = start(() -> table.workers.handOver(0, 1, moved()));
      await().until(() -> table.workers.status(0).mailbox() == 1);
      nanoTime.addAndGet(3_000_000_000L);
      first.release();
      await().until(() -> table.workers.status(1).mailbox() == 1);
      nanoTime.addAndGet(7_000_000);
      table.engine.onRaise(() -> nanoTime.addAndGet(2_000_000));
      second.release();
      assertThat(moving.join()).isEqualTo(Duration.ofMillis(9));
      heldFirst.join();
      heldSecond.join();
    }
  }

  /** Were it to wait behind them, shard 0 would stand still all the while. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void goesAheadOfWhatWaitsAlsoWhereNoMoreMayWait(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Hold first = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      first.awaitReached();
      Hold last = table.engine.holdAt(Key.of("1last"));
      List<ShardWorkers.Pending> waiting = begin(table, "1", 1, Table.CAPACITY);
      waiting.add(table.workers.begin(put("1last", ""), null));
      assertThatThrownBy(() -> table.ask(get("1"))).isInstanceOf(MailboxFull.class);
      var moving = start(() -> table.workers.handOver(0, 1, moved()));
      await().until(() -> table.workers.status(1).mailbox() > Table.CAPACITY);
      first.release();
      await().until(moving::isDone);
      last.release();
      waiting.forEach(ShardWorkers.Pending::await);
      assertThat(table.text("1")).isEqualTo(Integer.toString(Table.CAPACITY - 1));
      held.join();
      assertThat(table.ask(put("0k", "a"))).isInstanceOf(Outcome.Created.class);
    }
  }

  /** It waits for shard 0, which stands still, and is to find that the key is gone from there. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void transactionThatWaitsForAShardFollowsTheKey(Engine engine) throws Exception {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      Hold hold = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      hold.awaitReached();
      var moving = start(() -> table.workers.handOver(0, 1, moved()));
      await().until(() -> table.workers.status(1).mailbox() == 1);
      var transaction = start(() -> table.transact(all(put("0k", "both"), put("2", "both"))));
      await().until(() -> table.workers.status(0).mailbox() == 1);
      hold.release();
      moving.join();
      held.join();
      Committed committed = (Committed) transaction.join();
      Revision both = revision(committed.results().getFirst());
      assertThat(both).isGreaterThan(last);
      assertThat(table.workers.status(1).generation()).isEqualTo(1);
      assertThat(table.text("0k")).isEqualTo("both");
      assertThat(revision(table.ask(put("0k", "after")))).isGreaterThan(both);
    }
  }

  /** The next who looks where keys live is told where they did, and then this is done. */
  private static void amidTheNextLook(Table table, Runnable change) {
    Placement before = table.workers.placement();
    AtomicBoolean first = new AtomicBoolean(true);
    table.workers.place(key -> {
      int shard = before.shardOf(key);
      if (first.getAndSet(false)) {
        change.run();
      }
      return shard;
    });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void callThatComesToTheGiverTooLateFollowsTheKey(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      amidTheNextLook(table, () -> table.workers.handOver(0, 1, moved()));
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("late");
    }
  }

  /** Its caller is slow to look again. Were it begun, it would have a version that was given. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void giverDoesNotBeginAWriteThatComesTooLate(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("0k", "before"));
      AtomicReference<Revision> between = new AtomicReference<>();
      amidTheNextLook(
          table,
          () -> {
            Thread caller = Thread.currentThread();
            Placement next =
                key -> {
                  if (between.get() != null && Thread.currentThread().equals(caller)) {
                    await().until(() -> !table.workers.status(0).busy());
                  }
                  return moved().shardOf(key);
                };
            table.workers.handOver(0, 1, next);
            between.set(revision(table.ask(put("0k", "between"))));
          });
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(between.get());
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void callThatFindsTheGiverGoneFollowsTheKey(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.workers.join(3);
      table.workers.handOver(0, 3, key -> key.equals(Key.of("0k")) ? 3 : Shards.byDigit(key));
      Revision last = revision(table.ask(put("0k", "before")));
      amidTheNextLook(
          table,
          () -> {
            table.workers.handOver(3, 0, Shards::byDigit);
            table.workers.leave(3);
          });
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void shardsComeAndGoAndComeBack(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      for (int round = 1; round <= 3; round++) {
        table.workers.join(3);
        assertThat(table.workers.status(3).state()).isEqualTo(State.SERVING);
        table.workers.handOver(0, 3, key -> key.equals(Key.of("0k")) ? 3 : Shards.byDigit(key));
        var _ = table.ask(put("0k", Integer.toString(round)));
        table.workers.handOver(3, 0, Shards::byDigit);
        assertThat(table.text("0k")).isEqualTo(Integer.toString(round));
        table.workers.leave(3);
        assertThat(table.workers.shards()).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> table.workers.status(3)).isInstanceOf(NoSuchShard.class);
      }
      assertThat(table.changes).map(Table::text).containsExactly("1", "2", "3");
    }
  }
}
