package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import dev.nebulastore.time.StoreClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system clock is changed while the server is down. */
class ClockAcrossRestartsTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TWO_HOURS = Duration.ofHours(2);

  @TempDir private Path folder;

  /**
   * Runs shards on the directory, starting at this time of the system clock. The test moves time.
   */
  private void serve(Instant begin, BiConsumer<Shards, Run> use) {
    Run run = new Run(begin);
    try (StorageEngine engine = RocksDbEngines.open(folder.resolve("data"))) {
      Shards shards =
          new Shards(
              new ShardConfiguration()
                  .shardEnvironment(
                      Execution.SYSTEM,
                      new ShardProperties(
                          1, 100, Duration.ofSeconds(30), Duration.ofSeconds(5), 512),
                      engine,
                      run.clock,
                      List.of()),
              ShardWorker::new);
      shards.registry.place(Shards::byDigit);
      shards.start();
      use.accept(shards, run);
      shards.stop();
    }
  }

  /** The time of the machine during one run. */
  private static final class Run {
    private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
    private final StoreClock clock;

    Run(Instant begin) {
      this.clock = Clocks.over(() -> begin.plus(passed.get()), () -> passed.get().toNanos());
    }

    void pass(Duration by) {
      passed.updateAndGet(before -> before.plus(by));
    }
  }

  private static Entry put(Shards shards, String key, Duration ttl) {
    Value value = new Value(new byte[1], "text/plain");
    Outcome outcome =
        shards.gateway.ask(new Command.Put(Key.of(key), Precondition.NONE, value, ttl, false));
    assertThat(outcome).isInstanceOf(Outcome.Created.class);
    return ((Outcome.Created) outcome).entry();
  }

  private static boolean stands(Shards shards, String key) {
    return shards.gateway.ask(OneShard.get(key)) instanceof Outcome.Found;
  }

  @Test
  void entriesExpireOnTimeAfterTheClockWasSetBack() {
    Duration ttl = Duration.ofSeconds(3);
    serve(NOW.plus(TWO_HOURS), (shards, run) -> put(shards, "a", ttl));
    serve(
        NOW,
        (shards, run) -> {
          assertThat(run.clock.ahead()).isEqualTo(TWO_HOURS);
          put(shards, "b", ttl);
          assertThat(stands(shards, "a")).isTrue();
          run.pass(ttl);
          assertThat(stands(shards, "a")).isFalse();
          assertThat(stands(shards, "b")).isFalse();
        });
  }

  @Test
  void sweptEntriesStayExpired() {
    serve(
        NOW,
        (shards, run) -> {
          put(shards, "a", Duration.ofSeconds(3));
          run.pass(TWO_HOURS);
          shards.gateway.ask(new Command.Expire(Key.of("a")));
        });
    serve(
        NOW.plusSeconds(1),
        (shards, run) -> {
          assertThat(run.clock.instant()).isEqualTo(NOW.plus(TWO_HOURS));
          assertThat(stands(shards, "a")).isFalse();
        });
  }

  @Test
  void storeTimeIsTheSystemsIfTheClockWasNotSet() {
    serve(NOW, (shards, run) -> put(shards, "a", TWO_HOURS));
    serve(
        NOW.plusSeconds(60),
        (shards, run) -> {
          assertThat(run.clock.instant()).isEqualTo(NOW.plusSeconds(60));
          assertThat(run.clock.ahead()).isZero();
        });
  }
}
