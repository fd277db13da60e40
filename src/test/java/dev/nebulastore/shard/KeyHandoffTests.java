package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.Table.all;
import static dev.nebulastore.shard.Table.start;
import static dev.nebulastore.shard.Table.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.Table.Engine;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.time.Executions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that begin with "0k" are moved from shard 0 to shard 1. */
class KeyHandoffTests {

  /** More than a worker takes in one batch, so that some still wait when it is quiesced. */
  private static final int MORE = 2 * CurrentBatch.MAX_SIZE;

  @TempDir private Path folder;

  static Placement moved() {
    return key -> key.toString().startsWith("0k") ? 1 : Shards.byDigit(key);
  }

  static Revision revision(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Created(var entry) -> entry.revision();
      case Outcome.Replaced(var entry) -> entry.revision();
      default -> throw new AssertionError(outcome);
    };
  }

  /** Starts commands one after another on one thread, and returns once all are waiting. */
  private static List<CommandGateway.Pending> begin(Table table, String key, int from, int to) {
    List<CommandGateway.Pending> begun = new ArrayList<>();
    for (int i = from; i < to; i++) {
      begun.add(
          table.gateway.begin(
              put(key, Integer.toString(i)), ContentBudget.UNLIMITED, null, Runnable::run));
    }
    return begun;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void versionsGrowThoughTheTargetWasBehind(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "a")));
      for (int i = 0; i < 100; i++) {
        last = revision(table.ask(put("0k", "b")));
      }
      table.registry.handOff(0, Set.of(1), moved());
      assertThat(table.text("0k")).isEqualTo("b");
      assertThat(revision(table.ask(put("0k", "c")))).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("c");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void waitingWritesMoveInOrderAheadOfLaterOnes(Engine engine) throws Exception {
    try (Table table = new Table(engine, folder)) {
      Hold hold = table.engine.holdAt(Key.of("0held"));
      var held = start(() -> table.ask(get("0held")));
      hold.awaitReached();
      CompletableFuture<Void> moving =
          CompletableFuture.runAsync(
              () -> table.registry.handOff(0, Set.of(1), moved()),
              run -> Thread.ofVirtual().start(run));
      await().until(() -> table.registry.status(0).mailbox() == 1);
      List<CommandGateway.Pending> behind = new ArrayList<>(begin(table, "0k", 0, MORE));
      behind.addAll(begin(table, "0stays", 0, 50));
      hold.release();
      moving.join();
      behind.addAll(begin(table, "0k", MORE, MORE + 100));
      behind.forEach(CommandGateway.Pending::await);
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

  /** The successor of the source takes them over, and is quiesced in its place. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void deathOfTheQuiescedSourceLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("0k", "before"));
      Hold hold = new Hold();
      table.engine.onRaise(hold::stay);
      var moving = start(() -> table.registry.handOff(0, Set.of(1), moved()));
      hold.awaitReached();
      List<CommandGateway.Pending> waiting = begin(table, "0k", 0, MORE);
      table.kill(0);
      hold.release();
      moving.join();
      waiting.forEach(CommandGateway.Pending::await);
      assertThat(table.text("0k")).isEqualTo(Integer.toString(MORE - 1));
    }
  }

  /** The handoff does not wait for the target, whose successor takes over the moved commands. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void stuckTargetDelaysAndLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("0k", "before"));
      Hold target = table.engine.holdAt(Key.of("1held"));
      var held = start(() -> table.ask(get("1held")));
      target.awaitReached();
      Hold source = new Hold();
      table.engine.onRaise(source::stay);
      var moving = start(() -> table.registry.handOff(0, Set.of(1), moved()));
      source.awaitReached();
      List<CommandGateway.Pending> waiting = begin(table, "0k", 0, MORE);
      source.release();
      moving.join();
      assertThat(table.ask(put("0stays", "a"))).isInstanceOf(Outcome.Created.class);
      assertThat(table.registry.replace(1, 1)).isTrue();
      waiting.forEach(CommandGateway.Pending::await);
      assertThat(table.text("0k")).isEqualTo(Integer.toString(MORE - 1));
      target.release();
      assertThatThrownBy(held::join).hasRootCauseInstanceOf(OutcomeUnknown.class);
    }
  }

  /** An idle target is woken for its commands. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void keysMoveToManyTargetsAtOnce(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Hold hold = new Hold();
      table.engine.onRaise(hold::stay);
      Placement next =
          key ->
              switch (key.toString()) {
                case "0k" -> 1;
                case "0l" -> 2;
                default -> Shards.byDigit(key);
              };
      var moving = start(() -> table.registry.handOff(0, Set.of(1, 2), next));
      hold.awaitReached();
      List<CommandGateway.Pending> waiting = new ArrayList<>(begin(table, "0k", 0, 50));
      waiting.addAll(begin(table, "0l", 0, 60));
      waiting.addAll(begin(table, "0m", 0, 70));
      await().until(() -> !table.registry.status(1).busy() && !table.registry.status(2).busy());
      hold.release();
      moving.join();
      waiting.forEach(CommandGateway.Pending::await);
      assertThat(table.text("0k")).isEqualTo("49");
      assertThat(table.text("0l")).isEqualTo("59");
      assertThat(table.text("0m")).isEqualTo("69");
    }
  }

  /**
   * The batch of the target continues from the raised revision. Otherwise the version would
   * decrease.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void writesAtTheTargetGetGreaterVersions(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Hold first = table.engine.holdAt(Key.of("1first"));
      var heldFirst = start(() -> table.ask(get("1first")));
      first.awaitReached();
      Hold second = table.engine.holdAt(Key.of("1second"));
      List<CommandGateway.Pending> batch = new ArrayList<>(begin(table, "1a", 0, 1));
      batch.addAll(begin(table, "1second", 0, 1));
      AtomicBoolean early = new AtomicBoolean(true);
      table.registry.place(key -> early.get() ? 1 : Shards.byDigit(key));
      CommandGateway.Pending tooEarly =
          table.gateway.begin(put("0k", "early"), ContentBudget.UNLIMITED, null, Runnable::run);
      early.set(false);
      Revision last = revision(table.ask(put("0k", "a")));
      for (int i = 0; i < 20; i++) {
        last = revision(table.ask(put("0k", "b")));
      }
      first.release();
      second.awaitReached();
      table.registry.handOff(0, Set.of(1), moved());
      second.release();
      batch.forEach(CommandGateway.Pending::await);
      assertThat(revision(tooEarly.await())).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("early");
      heldFirst.join();
    }
  }

  @Test
  void handoffToAQuarantinedTargetFails() {
    try (Table table = new Table(Engine.MEMORY, folder)) {
      table.registry.quarantine(1, 1, Duration.ofSeconds(7));
      Placement before = table.registry.placement();
      assertThatThrownBy(() -> table.registry.handOff(0, Set.of(1, 2), moved()))
          .isInstanceOf(ShardSetAside.class);
      assertThat(table.registry.placement()).isSameAs(before);
      assertThat(table.ask(put("0k", "a"))).isInstanceOf(Outcome.Created.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void deathOfTheTargetAfterwardsLosesNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      table.registry.handOff(0, Set.of(1), moved());
      table.kill(1);
      assertThat(revision(table.ask(put("0k", "after")))).isGreaterThan(last);
    }
  }

  @Test
  void handoffPastItsDeadlineChangesNothing() {
    try (Table table = new Table(Engine.MEMORY, folder, Duration.ofMillis(50))) {
      Hold hold = table.engine.holdAt(Key.of("0held"));
      var held = start(() -> table.ask(get("0held")));
      hold.awaitReached();
      Placement before = table.registry.placement();
      assertThatThrownBy(() -> table.registry.handOff(0, Set.of(1), moved()))
          .isInstanceOf(DeadlineExceeded.class);
      assertThat(table.registry.placement()).isSameAs(before);
      hold.release();
      held.join();
      assertThat(table.ask(put("0k", "a"))).isInstanceOf(Outcome.Created.class);
    }
  }

  /**
   * The time during which the request waits in the mailbox does not count: the source serves then.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void returnsHowLongTheSourceWasPaused(Engine engine) {
    AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5_000_000);
    Duration barrier = Duration.ofSeconds(20);
    try (Table table = new Table(Executions.over(nanoTime::get), engine, folder, barrier)) {
      Hold hold = table.engine.holdAt(Key.of("0held"));
      var held = start(() -> table.ask(get("0held")));
      hold.awaitReached();
      var moving = start(() -> table.registry.handOff(0, Set.of(1), moved()));
      await().until(() -> table.registry.status(0).mailbox() == 1);
      nanoTime.addAndGet(3_000_000_000L);
      table.engine.onRaise(() -> nanoTime.addAndGet(2_000_000));
      hold.release();
      assertThat(moving.join()).isEqualTo(Duration.ofMillis(2));
      held.join();
    }
  }

  /** If the request waited behind other commands, it would be late, and might never be reached. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void overtakesAFullMailbox(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Hold first = table.engine.holdAt(Key.of("0held"));
      var held = start(() -> table.ask(get("0held")));
      first.awaitReached();
      Hold last = table.engine.holdAt(Key.of("0last"));
      List<CommandGateway.Pending> waiting = begin(table, "0x", 1, Table.CAPACITY);
      waiting.add(
          table.gateway.begin(put("0last", ""), ContentBudget.UNLIMITED, null, Runnable::run));
      assertThatThrownBy(() -> table.ask(get("0x"))).isInstanceOf(MailboxFull.class);
      var moving = start(() -> table.registry.handOff(0, Set.of(1), moved()));
      await().until(() -> table.registry.status(0).mailbox() > Table.CAPACITY);
      first.release();
      await().until(moving::isDone);
      last.release();
      waiting.forEach(CommandGateway.Pending::await);
      assertThat(table.text("0x")).isEqualTo(Integer.toString(Table.CAPACITY - 1));
      held.join();
      assertThat(table.ask(put("0k", "a"))).isInstanceOf(Outcome.Created.class);
    }
  }

  /**
   * The transaction waits for shard 0, which is quiesced, and must notice that its key has moved.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void waitingTransactionsFollowTheirKeys(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      Hold hold = new Hold();
      table.engine.onRaise(hold::stay);
      var moving = start(() -> table.registry.handOff(0, Set.of(1), moved()));
      hold.awaitReached();
      var transaction = start(() -> table.transact(all(put("0k", "both"), put("2", "both"))));
      await().until(() -> table.registry.status(0).mailbox() == 1);
      hold.release();
      moving.join();
      Committed committed = (Committed) transaction.join();
      Revision both = revision(committed.results().getFirst());
      assertThat(both).isGreaterThan(last);
      assertThat(table.registry.status(1).generation()).isEqualTo(1);
      assertThat(table.text("0k")).isEqualTo("both");
      assertThat(revision(table.ask(put("0k", "after")))).isGreaterThan(both);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void shardsCanBeAddedAndRemovedRepeatedly(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      for (int round = 1; round <= 3; round++) {
        table.registry.join(3);
        assertThat(table.registry.status(3).state()).isEqualTo(State.SERVING);
        table.registry.handOff(
            0, Set.of(3), key -> key.equals(Key.of("0k")) ? 3 : Shards.byDigit(key));
        var _ = table.ask(put("0k", Integer.toString(round)));
        table.registry.handOff(3, Set.of(0), Shards::byDigit);
        assertThat(table.text("0k")).isEqualTo(Integer.toString(round));
        table.registry.leave(3);
        assertThat(table.registry.shards()).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> table.registry.status(3)).isInstanceOf(NoSuchShard.class);
      }
      assertThat(table.changes).map(Table::text).containsExactly("1", "2", "3");
    }
  }
}
