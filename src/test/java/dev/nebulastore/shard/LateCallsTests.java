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

/** Commands whose caller has read the placement just before the key was moved. */
class LateCallsTests {

  @TempDir private Path folder;

  /**
   * The next caller that looks up the placement gets the old shard, and then this change is made.
   */
  private static void amidTheNextLook(Table table, Runnable change) {
    Placement before = table.registry.placement();
    AtomicBoolean first = new AtomicBoolean(true);
    table.registry.place(key -> {
      int shard = before.shardOf(key);
      if (first.getAndSet(false)) {
        change.run();
      }
      return shard;
    });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void lateCommandsFollowTheirKey(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      Revision last = revision(table.ask(put("0k", "before")));
      amidTheNextLook(table, () -> table.registry.handOff(0, Set.of(1), moved()));
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
      assertThat(table.text("0k")).isEqualTo("late");
    }
  }

  /**
   * The caller is slow to look up the placement again. If its write were started at the source, it
   * would get a version that was already used.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void sourceDoesNotBeginLateWrites(Engine engine) {
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
                    await().until(() -> !table.registry.status(0).busy());
                  }
                  return moved().shardOf(key);
                };
            table.registry.handOff(0, Set.of(1), next);
            between.set(revision(table.ask(put("0k", "between"))));
          });
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(between.get());
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void commandsOfARemovedShardFollowTheirKey(Engine engine) {
    try (Table table = new Table(engine, folder)) {
      table.registry.join(3);
      table.registry.handOff(
          0, Set.of(3), key -> key.equals(Key.of("0k")) ? 3 : Shards.byDigit(key));
      Revision last = revision(table.ask(put("0k", "before")));
      amidTheNextLook(
          table,
          () -> {
            table.registry.handOff(3, Set.of(0), Shards::byDigit);
            table.registry.leave(3);
          });
      var late = start(() -> table.ask(put("0k", "late")));
      await().until(late::isDone);
      assertThat(revision(late.join())).isGreaterThan(last);
    }
  }
}
