package dev.nebulastore.supervision;

import static dev.nebulastore.supervision.Supervised.get;
import static dev.nebulastore.supervision.Supervised.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a listener throws, or the engine while a worker is replaced, the shards are served. */
class SupervisionErrorsTests {

  private record Failing(Thrown what) implements ShardSupervisor.Listener {
    @Override
    public void restarted(int shard, Reason reason, Duration timeToHeal) {
      what.now();
    }

    @Override
    public void quarantined(int shard, Duration delay) {
      what.now();
    }

    @Override
    public void revived(int shard) {
      what.now();
    }
  }

  private static Supervised supervised(Thrown what) {
    return new Supervised(2, new SplittableRandom(1), List.of(new Failing(what)));
  }

  @ParameterizedTest
  @EnumSource
  void failingListenersHarmNoShard(Thrown what) {
    try (Supervised shards = supervised(what)) {
      shards.kill(0);
      assertThat(shards.ask(put("0", "x"))).isInstanceOf(Outcome.Created.class);
      assertThat(shards.registry.status(0).generation()).isEqualTo(2);
      shards.killUntilQuarantined(0);
      shards.pass(Supervised.MAX_RETRY);
      assertThat(shards.ask(get("0"))).isInstanceOf(Outcome.Found.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void failedReplacementsAreRepeated(Thrown what) {
    AtomicInteger failures = new AtomicInteger(2);
    try (Supervised shards = supervised(what)) {
      shards.engine.beforeOpen(shard -> {
        if (failures.getAndDecrement() > 0) {
          what.now();
        }
      });
      shards.registry.kill(0);
      await().until(() -> shards.registry.status(0).state() == State.DEAD);
      while (failures.get() >= 0) {
        shards.pass(Duration.ofMillis(250));
      }
      assertThat(shards.ask(get("0"))).isInstanceOf(Outcome.Absent.class);
    }
  }

  /** Before and after the engine has accepted the batch. */
  @ParameterizedTest
  @EnumSource
  void errorsDuringReplacementAnswerOnce(Thrown what) {
    try (Supervised shards = supervised(what)) {
      AtomicInteger failures = new AtomicInteger(1);
      Runnable once =
          () -> {
            if (failures.getAndDecrement() > 0) {
              what.now();
            }
          };
      shards.engine.beforeSubmit(writes -> once.run());
      assertThat(shards.ask(put("0", "x")))
          .as("decided again by the successor")
          .isInstanceOf(Outcome.Created.class);
      shards.engine.beforeSubmit(writes -> {});
      failures.set(1);
      shards.engine.afterSubmit(writes -> once.run());
      assertThat(shards.ask(put("0", "y"))).isInstanceOf(Outcome.Replaced.class);
      failures.set(1);
      shards.engine.onGet(key -> {
        if (key.equals(Key.of("0z"))) {
          once.run();
        }
      });
      assertThatThrownBy(() -> shards.ask(put("0z", "z"))).isInstanceOf(OutcomeUnknown.class);
      assertThat(shards.ask(put("0z", "z"))).isInstanceOf(Outcome.Created.class);
    }
  }
}
