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

/** Commands whose caller read the placement just before the key was handed off. */
class LateCallsTests {

  @TempDir private Path folder;

  /** The next who looks where keys live is told where they did, and then this is done. */
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

  /** Its caller is slow to look again. Were it begun, it would have a version that was given. */
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
