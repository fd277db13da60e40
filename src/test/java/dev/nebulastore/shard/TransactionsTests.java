package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.OneShard.putNew;
import static dev.nebulastore.shard.Table.all;
import static dev.nebulastore.shard.Table.delete;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Transaction.Condition;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.TransactionOutcome.Conflict;
import dev.nebulastore.shard.Table.Engine;
import dev.nebulastore.storage.HookedEngine.Hold;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransactionsTests {

  private static final Precondition EXISTS = new Precondition(Versions.Any.ANY, null, null, null);

  @TempDir private Path folder;

  private static List<Outcome> results(TransactionOutcome outcome) {
    assertThat(outcome).isInstanceOf(Committed.class);
    return ((Committed) outcome).results();
  }

  @ParameterizedTest
  @EnumSource
  void commandsOfAllShardsAreExecutedInOrder(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("2c", "old"));
      List<Outcome> results =
          results(
              table.transact(
                  all(
                      put("0a", "1"),
                      get("0a"),
                      put("0a", "2"),
                      putNew("1b", "3"),
                      delete("2c"),
                      get("2c"))));
      assertThat(results)
          .extracting(outcome -> outcome.getClass().getSimpleName())
          .containsExactly("Created", "Found", "Replaced", "Created", "Deleted", "Absent");
      assertThat(Table.text(results.get(1))).as("on top of the earlier ones").isEqualTo("1");
      assertThat(table.text("0a")).isEqualTo("2");
      assertThat(table.text("1b")).isEqualTo("3");
      assertThat(table.text("2c")).isEmpty();
      assertThat(table.changes).extracting(Change::key).hasSize(5);
      assertThat(table.engine.usage().entries()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void conditionsChooseTheList(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Transaction create =
          new Transaction(
              List.of(new Condition(Key.of("0lock"), EXISTS)),
              List.of(get("0lock")),
              List.of(put("0lock", "mine"), put("1fence", "1")));
      assertThat(((Committed) table.transact(create)).succeeded()).isFalse();
      assertThat(((Committed) table.transact(create)).succeeded()).isTrue();
      assertThat(table.text("1fence")).isEqualTo("1");
      assertThat(table.changes).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusedCommandAbortsTheTransaction(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.ask(put("1b", "stands"));
      Transaction transaction = all(put("0a", "1"), delete("2c"), putNew("1b", "2"));
      assertThat(table.transact(transaction))
          .isInstanceOfSatisfying(
              Conflict.class,
              conflict -> {
                assertThat(conflict.index()).isEqualTo(2);
                assertThat(conflict.command().key()).hasToString("1b");
                assertThat(conflict.refusal()).isInstanceOf(Outcome.PreconditionFailed.class);
              });
      assertThat(table.text("0a")).isEmpty();
      assertThat(table.text("1b")).isEqualTo("stands");
      assertThat(table.changes).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void replacedWorkersLeaveAllOrNothing(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Hold hold = table.engine.holdBeforeSubmit();
      var decided = Table.start(() -> table.transact(all(put("0a", "1"), put("1b", "2"))));
      hold.awaitReached();
      assertThat(table.registry.replace(1, 1)).isTrue();
      // The successor has taken the barrier request, without other messages.
      await().until(() -> table.registry.status(1).progress() > 1);
      var late = Table.start(() -> table.ask(put("1b", "later")));
      await().until(() -> table.registry.status(1).mailbox() > 0);
      hold.release();
      assertThat(results(decided.join()))
          .as("decided again on the successor's store, before later commands")
          .hasSize(2);
      assertThat(late.join()).isInstanceOf(Outcome.Replaced.class);
      assertThat(table.text("0a")).isEqualTo("1");
      assertThat(table.text("1b")).isEqualTo("later");
      assertThat(table.changes).hasSize(3);
    }
  }

  /** If the worker were quiesced earlier, the fetched entry would be out of date for its write. */
  @Test
  void fetchingWritesAreDecidedFirst() throws InterruptedException {
    try (Table table = new Table(Engine.MEMORY, folder)) {
      table.engine.onDisk(Key.of("0a"));
      var write = Table.start(() -> table.ask(putNew("0a", "write")));
      Runnable first = table.engine.fetches().take();
      var transaction = Table.start(() -> table.transact(all(putNew("0a", "transaction"))));
      await().until(() -> table.registry.status(0).mailbox() == 0);
      first.run();
      table.engine.fetches().take().run();
      assertThat(write.join()).isInstanceOf(Outcome.Created.class);
      assertThat(transaction.join()).isInstanceOf(Conflict.class);
      table.engine.inMemory(Key.of("0a"));
      assertThat(table.text("0a")).isEqualTo("write");
    }
  }

  @Test
  void shardsThatAreLateDelayNoOtherShard() {
    try (Table table = new Table(Engine.MEMORY, folder, Duration.ofMillis(20))) {
      Hold hold = table.engine.holdAt(Key.of("1held"));
      var held = Table.start(() -> table.ask(get("1held")));
      hold.awaitReached();
      assertThatThrownBy(() -> table.transact(all(put("0a", "1"), put("1b", "2"))))
          .isInstanceOfSatisfying(
              DeadlineExceeded.class,
              refusal -> {
                assertThat(refusal.shard()).isEqualTo(1);
                assertThat(refusal.applied()).isEqualTo(Applied.NO);
              });
      assertThat(table.ask(put("0a", "other"))).isInstanceOf(Outcome.Created.class);
      hold.release();
      held.join();
      assertThat(table.text("1b")).isEmpty();
    }
  }

  @Test
  void lateFetchesDelayNoShard() {
    try (Table table = new Table(Engine.MEMORY, folder, Duration.ofMillis(20))) {
      table.engine.onDisk(Key.of("0a"));
      assertThatThrownBy(() -> table.transact(all(put("0a", "1"), put("1b", "2"))))
          .isInstanceOf(DeadlineExceeded.class);
      assertThat(table.ask(put("0b", "other"))).isInstanceOf(Outcome.Created.class);
      assertThat(table.text("1b")).isEmpty();
    }
  }

  @Test
  void abandonedRequestsDelayNothing() {
    try (Table table = new Table(Engine.MEMORY, folder, Duration.ofMillis(20))) {
      table.engine.onDisk(Key.of("0a"));
      var write = Table.start(() -> table.ask(put("0a", "slow")));
      await().until(() -> !table.engine.fetches().isEmpty());
      assertThatThrownBy(() -> table.transact(all(put("0b", "1"))))
          .isInstanceOf(DeadlineExceeded.class);
      assertThat(table.ask(put("0c", "other"))).isInstanceOf(Outcome.Created.class);
      table.engine.fetches().remove().run();
      assertThat(write.join()).isInstanceOf(Outcome.Created.class);
    }
  }

  @Test
  void quarantinedShardRefusesTheTransaction() {
    try (Table table = new Table(Engine.MEMORY, folder)) {
      table.registry.quarantine(1, 1, Duration.ofMinutes(1));
      Command other = put("0a", "1");
      assertThatThrownBy(() -> table.transact(all(other, put("1b", "2"))))
          .isInstanceOf(ShardSetAside.class);
      assertThat(table.ask(other)).isInstanceOf(Outcome.Created.class);
    }
  }

  @Test
  void quarantineInTheMiddleAppliesNothing() {
    try (Table table = new Table(Engine.MEMORY, folder)) {
      Hold hold = table.engine.holdBeforeSubmit();
      var decided = Table.start(() -> table.transact(all(put("0a", "1"), put("1b", "2"))));
      hold.awaitReached();
      table.registry.quarantine(1, 1, Duration.ofMinutes(1));
      hold.release();
      assertThat(decided)
          .failsWithin(Duration.ofMinutes(1))
          .withThrowableThat()
          .withCauseInstanceOf(ShardSetAside.class);
      assertThat(table.text("0a")).isEmpty();
      assertThat(table.changes).isEmpty();
    }
  }
}
