package dev.nebulastore.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ResizeRunning;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.router.Resize.State;
import dev.nebulastore.shard.Placement;
import dev.nebulastore.shard.ShardListener;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.time.Executions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResizerTests {

  private static final int KEYS = 2_000;
  private static final int POINTS = 64;

  /** How long the engine takes for what goes from one shard to one other. */
  private static final Duration RAISE = Duration.ofMillis(1);

  private final HashRing ring = HashRing.ofShards(4, POINTS);
  private final AtomicLong nanoTime = new AtomicLong();
  private final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  private final Shards shards = Shards.create(4, engine, nanoTime::get);
  private final ShardRouter router =
      new ShardRouter(shards.registry, shards.gateway, ring, new Heard());
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<Placement> placements = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private Runnable whenItWaits = () -> {};
  private Runnable whenStepped = () -> {};
  private final Resizer resizer =
      new Resizer(
          shards.registry,
          ring,
          listener(),
          tasks::add,
          Executions.over(nanoTime::get, this::pass));

  private Resizer.Listener listener() {
    return new Resizer.Listener() {
      @Override
      public void stepped(Duration pause) {
        placements.add(shards.registry.placement());
        pauses.add(pause);
        whenStepped.run();
      }

      @Override
      public void resized(int from, int to) {
        told.add(from + " to " + to);
      }
    };
  }

  @BeforeEach
  void start() {
    engine.onRaise(() -> nanoTime.addAndGet(RAISE.toNanos()));
    shards.start();
  }

  @AfterEach
  void stop() {
    shards.stop();
  }

  private void pass(long nanos) {
    whenItWaits.run();
    nanoTime.addAndGet(nanos);
  }

  private void resize(int count) {
    assertThat(resizer.resize(count)).isTrue();
    tasks.remove().run();
  }

  private static Command put(int i) {
    return new Command.Put(
        Key.of("key" + i), Precondition.NONE, new Value(new byte[i % 7], "a/b"), null, false);
  }

  private static Revision revision(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Created(var entry) -> entry.revision();
      case Outcome.Replaced(var entry) -> entry.revision();
      case Outcome.Found(var entry) -> entry.revision();
      default -> throw new AssertionError(outcome);
    };
  }

  @ParameterizedTest
  @CsvSource({"8, 4, 16", "5, 4, 4", "1, 3, 3", "3, 1, 3", "64, 4, 240"})
  void keysLiveWhereARingOfThatManyHasThem(int count, int steps, int moves) {
    resize(count);
    assertThat(shards.registry.shards())
        .isEqualTo(new TreeSet<>(IntStream.range(0, count).boxed().toList()));
    HashRing after = HashRing.ofShards(count, POINTS);
    for (int i = 0; i < KEYS; i++) {
      Key key = Key.of("key" + i);
      assertThat(router.shardOf(key)).isEqualTo(after.ownerOf(key.utf8()));
    }
    assertThat(resizer.ring().weights()).isEqualTo(after.weights());
    assertThat(told).containsExactly("4 to " + count);
    Resize done = resizer.progress();
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(done.steps()).isEqualTo(done.stepsDone()).isEqualTo(steps);
    assertThat(done.shareMoved()).isCloseTo(done.share(), within(1e-9));
    assertThat(done.took()).isEqualTo(RAISE.multipliedBy(moves));
    assertThat(pauses).hasSize(steps);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(RAISE.multipliedBy(moves));
  }

  /** Each key moves exactly once, from its old to its new shard. Keys that may stay do not move. */
  @ParameterizedTest
  @ValueSource(ints = {8, 5, 2})
  void aKeyChangesItsShardOnceAtMost(int count) {
    HashRing after = HashRing.ofShards(count, POINTS);
    resize(count);
    placements.addFirst(new Settled(ring));
    for (int i = 0; i < KEYS; i++) {
      Key key = Key.of("key" + i);
      List<Integer> homes = new ArrayList<>();
      for (Placement placement : placements) {
        int home = placement.shardOf(key);
        if (homes.isEmpty() || homes.getLast() != home) {
          homes.add(home);
        }
      }
      int from = ring.ownerOf(key.utf8());
      int to = after.ownerOf(key.utf8());
      assertThat(homes).isEqualTo(from == to ? List.of(from) : List.of(from, to));
    }
  }

  @Test
  void resizesLoseNothingAndVersionsGrow() {
    Map<Integer, Revision> last = new HashMap<>();
    for (int count : List.of(7, 2, 16, 1, 9)) {
      for (int i = 0; i < 300; i++) {
        Revision next = revision(router.execute(put(i)));
        assertThat(next).isGreaterThan(last.getOrDefault(i, new Revision(0)));
        last.put(i, next);
      }
      resize(count);
      for (int i = 0; i < 300; i++) {
        Outcome read = router.execute(new Command.Get(Key.of("key" + i), Precondition.NONE));
        assertThat(revision(read)).isEqualTo(last.get(i));
      }
    }
  }

  /** Each shard is quiesced once, whatever their number. */
  @Test
  void eachSourceTakesOneStep() {
    resize(40);
    assertThat(resizer.progress().steps()).isEqualTo(4);
    resize(20);
    assertThat(resizer.progress().steps()).isEqualTo(20);
    assertThat(pauses).hasSize(24);
  }

  @Test
  void secondResizeIsRefused() {
    assertThat(resizer.resize(6)).isTrue();
    assertThat(resizer.progress().state()).isEqualTo(State.MOVING);
    assertThatThrownBy(() -> resizer.resize(6)).isInstanceOf(ResizeRunning.class);
    assertThatThrownBy(() -> resizer.resize(4)).isInstanceOf(ResizeRunning.class);
    tasks.remove().run();
    assertThat(resizer.resize(6)).isFalse();
    resize(4);
    assertThat(told).containsExactly("4 to 6", "6 to 4");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_025, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void numberOutOfItsBoundsIsRefusedAndChangesNothing(int count) {
    assertThatThrownBy(() -> resizer.resize(count))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count is " + count + ": must be 1 to 1024");
    assertThat(resizer.progress().state()).isEqualTo(State.IDLE);
    resize(5);
  }

  @Test
  void waitsForQuarantinedShards() {
    shards.registry.quarantine(2, 1, Duration.ofSeconds(7));
    AtomicInteger waits = new AtomicInteger();
    whenItWaits =
        () -> {
          Resize now = resizer.progress();
          assertThat(now.state()).isEqualTo(State.MOVING);
          assertThat(now.waitsFor()).hasValueSatisfying(why -> assertThat(why).contains("2"));
          assertThat(now.stepsDone()).isLessThan(now.steps());
          if (waits.incrementAndGet() == 3) {
            shards.registry.revive(2);
          }
        };
    resize(8);
    assertThat(waits).hasValue(3);
    assertThat(resizer.progress().waitsFor()).isEmpty();
    assertThat(shards.registry.shards()).hasSize(8);
  }

  @ParameterizedTest
  @EnumSource
  void failedStepsAreRepeated(Thrown what) {
    AtomicInteger failures = new AtomicInteger(3);
    engine.onRaise(() -> {
      if (failures.getAndDecrement() > 0) {
        what.now();
      }
    });
    resize(8);
    assertThat(resizer.progress().state()).isEqualTo(State.DONE);
    assertThat(failures.get()).isNegative();
    assertThat(resizer.progress().stepsDone()).isEqualTo(resizer.progress().steps());
    assertThat(shards.registry.shards()).hasSize(8);
  }

  @ParameterizedTest
  @EnumSource
  void openingAndRemovingShardsIsRepeated(Thrown what) {
    AtomicInteger failures = new AtomicInteger(3);
    engine.beforeOpen(shard -> {
      if (shard == 5 && failures.getAndDecrement() > 0) {
        what.now();
      }
    });
    resize(8);
    failures.set(3);
    resize(2);
    assertThat(resizer.progress().state()).isEqualTo(State.DONE);
    assertThat(shards.registry.shards()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void resizeThatCannotStartChangesNothing(Thrown what) {
    Resizer unable =
        new Resizer(
            shards.registry,
            ring,
            listener(),
            task -> what.now(),
            Executions.over(nanoTime::get, this::pass));
    assertThatThrownBy(() -> unable.resize(8)).isNotInstanceOf(ResizeRunning.class);
    assertThat(unable.progress().state()).isEqualTo(State.IDLE);
    assertThat(unable.ring()).isEqualTo(ring);
    assertThatThrownBy(() -> unable.resize(8)).isNotInstanceOf(ResizeRunning.class);
  }

  @ParameterizedTest
  @EnumSource
  void failingListenersAreIgnored(Thrown what) {
    whenStepped = what::now;
    resize(8);
    assertThat(resizer.progress().state()).isEqualTo(State.DONE);
    assertThat(pauses).hasSize(resizer.progress().steps());
  }

  @Test
  void endsWithTheServer() {
    shards.registry.quarantine(2, 1, Duration.ofSeconds(7));
    whenItWaits = shards::stop;
    resize(8);
    Resize last = resizer.progress();
    assertThat(last.state()).isEqualTo(State.MOVING);
    assertThat(last.stepsDone()).isLessThan(last.steps());
    assertThat(told).isEmpty();
    assertThat(placements).hasSize(last.stepsDone());
  }

  /** Each writer owns its keys and checks every answer; workers die meanwhile. */
  @Test
  void failsNoRequestUnderLoad() {
    shards.registry.addListener(
        new ShardListener() {
          @Override
          public void died(int shard, long generation, Throwable cause) {
            shards.registry.replace(shard, generation);
          }
        });
    AtomicBoolean stop = new AtomicBoolean();
    List<CompletableFuture<Integer>> writers =
        IntStream.range(0, 8)
            .mapToObj(writer ->
                CompletableFuture.supplyAsync(
                    () -> write(writer, stop), task -> Thread.ofVirtual().start(task)))
            .toList();
    for (int count : List.of(9, 3, 32, 1, 12, 4)) {
      resize(count);
      long generation = shards.registry.kill(0);
      await().pollInSameThread().until(() -> shards.registry.status(0).generation() > generation);
    }
    stop.set(true);
    assertThat(writers.stream().mapToInt(CompletableFuture::join).sum()).isPositive();
  }

  private int write(int writer, AtomicBoolean stop) {
    int written = 0;
    Map<Integer, Revision> last = new HashMap<>();
    while (!stop.get()) {
      int key = writer + 8 * (written % 20);
      Revision next = revision(router.execute(put(key)));
      assertThat(next).isGreaterThan(last.getOrDefault(key, new Revision(0)));
      last.put(key, next);
      Outcome read = router.execute(new Command.Get(Key.of("key" + key), Precondition.NONE));
      assertThat(revision(read)).isEqualTo(next);
      written++;
    }
    return written;
  }
}
