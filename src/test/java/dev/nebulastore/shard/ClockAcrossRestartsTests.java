package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.StoreClock;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;

/** The system's clock is set while the server is down. */
class ClockAcrossRestartsTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TWO_HOURS = Duration.ofHours(2);

  /** As Spring makes them. */
  private static final ObjectProvider<ShardWorker> HIRING =
      new ObjectProvider<>() {
        @Override
        public ShardWorker getObject(@Nullable Object... context) {
          return new ShardWorker((WorkerContext) Objects.requireNonNull(context[0]));
        }
      };

  @TempDir private Path folder;

  /** Serves on the directory, begun at a time of the system's clock, whose pace is the test's. */
  private void serve(Instant begin, BiConsumer<ShardWorkers, Run> use) {
    Run run = new Run(begin);
    try (StorageEngine engine = RocksDbEngines.open(folder.resolve("data"))) {
      ShardWorkers workers =
          new ShardConfiguration()
              .shardWorkers(
                  new ShardProperties(1, 100, Duration.ofSeconds(30), Duration.ofSeconds(5)),
                  engine,
                  run.clock,
                  List.of(),
                  HIRING);
      workers.place(Shards::byDigit);
      workers.start();
      use.accept(workers, run);
      workers.stop();
    }
  }

  /** The machine's time during one run. */
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

  private static Entry put(ShardWorkers workers, String key, Duration ttl) {
    Value value = new Value(new byte[1], "text/plain");
    Outcome outcome =
        workers.ask(new Command.Put(Key.of(key), Precondition.NONE, value, ttl, false));
    assertThat(outcome).isInstanceOf(Outcome.Created.class);
    return ((Outcome.Created) outcome).entry();
  }

  private static boolean stands(ShardWorkers workers, String key) {
    return workers.ask(OneShard.get(key)) instanceof Outcome.Found;
  }

  @Test
  void entriesExpireWhenTheirTimeIsOverThoughTheClockWasSetBack() {
    Duration ttl = Duration.ofSeconds(3);
    serve(NOW.plus(TWO_HOURS), (workers, run) -> put(workers, "a", ttl));
    serve(
        NOW,
        (workers, run) -> {
          assertThat(run.clock.ahead()).isEqualTo(TWO_HOURS);
          put(workers, "b", ttl);
          assertThat(stands(workers, "a")).isTrue();
          run.pass(ttl);
          assertThat(stands(workers, "a")).isFalse();
          assertThat(stands(workers, "b")).isFalse();
        });
  }

  @Test
  void whatWasSweptStaysExpired() {
    serve(
        NOW,
        (workers, run) -> {
          put(workers, "a", Duration.ofSeconds(3));
          run.pass(TWO_HOURS);
          workers.ask(new Command.Expire(Key.of("a")));
        });
    serve(
        NOW.plusSeconds(1),
        (workers, run) -> {
          assertThat(run.clock.instant()).isEqualTo(NOW.plus(TWO_HOURS));
          assertThat(stands(workers, "a")).isFalse();
        });
  }

  @Test
  void aClockThatOnlyRanIsTheStoresTime() {
    serve(NOW, (workers, run) -> put(workers, "a", TWO_HOURS));
    serve(
        NOW.plusSeconds(60),
        (workers, run) -> {
          assertThat(run.clock.instant()).isEqualTo(NOW.plusSeconds(60));
          assertThat(run.clock.ahead()).isZero();
        });
  }
}
