package dev.nebulastore.shard;

import static dev.nebulastore.shard.KeyHandoffTests.moved;
import static dev.nebulastore.shard.KeyHandoffTests.revision;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.Table.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.shard.Table.Engine;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls whose caller looked where the key lives just before it was handed over. */
class LateCallsTests {

  @TempDir private Path folder;

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
      amidTheNextLook(table, () -> table.workers.handOver(0, Set.of(1), moved()));
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("late");
    }
  }

  /** Its caller is slow to look again. Were it begun, it would have a version that was given. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void sourceDoesNotBeginAWriteThatComesTooLate(Engine engine) {
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
            table.workers.handOver(0, Set.of(1), next);
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
      table.workers.handOver(
          0, Set.of(3), key -> key.equals(Key.of("0k")) ? 3 : Shards.byDigit(key));
      Revision last = revision(table.ask(put("0k", "before")));
      amidTheNextLook(
          table,
          () -> {
            table.workers.handOver(3, Set.of(0), Shards::byDigit);
            table.workers.leave(3);
          });
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
    }
  }
}
