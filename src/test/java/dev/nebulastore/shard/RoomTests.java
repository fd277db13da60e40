package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.StoreFull;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All shards share the space of a store: others may use it between a decision and its write. */
class RoomTests {

  private final Table table = new Table(Table.Engine.MEMORY, Path.of("."));

  @BeforeEach
  void takeTheRoom() {
    var _ = table.ask(put("0", "old"));
    table.engine.takeRoom(true);
  }

  @AfterEach
  void close() {
    table.close();
  }

  private static void assertIsFull(Runnable asked) {
    assertThatThrownBy(asked::run)
        .isInstanceOfSatisfying(
            StoreFull.class, e -> assertThat(e.applied()).isEqualTo(Applied.NO));
  }

  @Test
  void aWriteIsDecidedAgainWithoutRoom() {
    assertIsFull(() -> table.ask(put("1", "new")));
    assertIsFull(() -> table.ask(put("0", "longer")));
    assertThat(table.text("1")).isEmpty();
    var _ = table.ask(put("0", "new"));
    assertThat(table.text("0")).isEqualTo("new");
    table.engine.takeRoom(false);
    var _ = table.ask(put("0", "longer"));
    assertThat(table.text("0")).isEqualTo("longer");
  }

  @Test
  void aTransactionIsDecidedAgainWithoutRoom() {
    assertIsFull(() -> table.transact(Table.all(put("0", "new"), put("1", "new"))));
    assertThat(table.text("0")).isEqualTo("old");
    assertThat(table.text("1")).isEmpty();
    var _ = table.transact(Table.all(put("0", "new"), Table.delete("1")));
    assertThat(table.text("0")).isEqualTo("new");
  }
}
