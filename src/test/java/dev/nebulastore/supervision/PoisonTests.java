package dev.nebulastore.supervision;

import static dev.nebulastore.supervision.Supervised.MAX_RESTARTS;
import static dev.nebulastore.supervision.Supervised.get;
import static dev.nebulastore.supervision.Supervised.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.storage.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A key or a value that kills every worker that meets it: which failures it causes, and which not.
 */
class PoisonTests {

  private static final Key POISON = Key.of("0-poison");
  private static final int MANY = 200;

  private final Supervised house =
      new Supervised(3, RandomGenerator.of("L64X128MixRandom"), List.of());

  @AfterEach
  void close() {
    house.close();
  }

  private void poisonKey() {
    house.engine.onGet(key -> {
      if (key.equals(POISON)) {
        throw new IllegalStateException("poison");
      }
    });
  }

  private void poisonValue() {
    house.engine.beforeSubmit(writes -> {
      if (writes.stream().anyMatch(PoisonTests::isPoison)) {
        throw new IllegalStateException("poison");
      }
    });
  }

  private static boolean isPoison(Write write) {
    return write.change() instanceof Change.Put(var entry) && entry.value().size() == 6;
  }

  /** Sends this many commands at once; returns the failure of each. */
  private List<KvException> askAtOnce(int times, Command command) {
    List<CompletableFuture<KvException>> asked = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      asked.add(
          CompletableFuture.supplyAsync(
              () -> catchThrowableOfType(KvException.class, () -> house.ask(command)),
              task -> Thread.ofVirtual().start(task)));
    }
    return asked.stream().map(answer -> answer.orTimeout(1, TimeUnit.MINUTES).join()).toList();
  }

  private void assertOthersNoticedNothing() {
    for (int shard = 1; shard < 3; shard++) {
      assertThat(house.registry.status(shard).generation()).isEqualTo(1);
      assertThat(house.report(shard).totalRestarts()).isZero();
      assertThat(house.ask(get(shard + "-a"))).isEqualTo(new Outcome.Absent());
    }
  }

  @Test
  void poisonQuarantinesItsShardOnce() {
    assertThat(house.ask(put("0-neighbour", "a"))).isInstanceOf(Outcome.Created.class);
    poisonKey();
    List<KvException> failures = askAtOnce(MANY, get("0-poison"));
    assertThat(failures).filteredOn(OutcomeUnknown.class::isInstance).hasSize(MAX_RESTARTS + 1);
    assertThat(failures)
        .filteredOn(ShardSetAside.class::isInstance)
        .hasSize(MANY - MAX_RESTARTS - 1);
    assertThat(house.isQuarantined(0)).isTrue();
    assertThat(house.report(0).totalRestarts()).isEqualTo(MAX_RESTARTS);
    assertOthersNoticedNothing();

    house.pass(house.quarantine(0));
    assertThat(house.ask(get("0-neighbour"))).isInstanceOf(Outcome.Found.class);
  }

  @Test
  void lastingPoisonLengthensTheQuarantine() {
    poisonKey();
    var _ = askAtOnce(MANY, get("0-poison"));
    Duration last = house.quarantine(0);
    for (int i = 0; i < 3; i++) {
      house.pass(last);
      assertThat(house.ask(get("0-neighbour"))).isEqualTo(new Outcome.Absent());
      assertThat(askAtOnce(MANY, get("0-poison")))
          .filteredOn(OutcomeUnknown.class::isInstance)
          .as("one death is enough for a relapse")
          .hasSize(1);
      assertThat(house.quarantine(0)).isGreaterThan(last);
      last = house.quarantine(0);
      assertOthersNoticedNothing();
    }
  }

  /**
   * The value passes to each successor with the other decided commands until the shard is
   * quarantined.
   */
  @Test
  void poisonousValuesAreNeverApplied() {
    poisonValue();
    assertThat(askAtOnce(1, put("0-a", "poison"))).hasOnlyElementsOfType(ShardSetAside.class);
    assertThat(house.report(0).totalRestarts()).isEqualTo(MAX_RESTARTS);
    assertOthersNoticedNothing();

    house.pass(house.quarantine(0));
    assertThat(house.ask(get("0-a"))).isEqualTo(new Outcome.Absent());
    assertThat(house.ask(put("0-a", "harmless"))).isInstanceOf(Outcome.Created.class);
  }

  @Test
  void poisonFailsOnlyItsOwnRequest() {
    poisonKey();
    assertThat(askAtOnce(1, get("0-poison"))).hasOnlyElementsOfType(OutcomeUnknown.class);
    assertThat(house.ask(put("0-neighbour", "a"))).isInstanceOf(Outcome.Created.class);
    assertThat(house.isQuarantined(0)).isFalse();
    assertOthersNoticedNothing();
  }
}
