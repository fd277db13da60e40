package dev.nebulastore.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import dev.nebulastore.time.Executions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** On simulated time: the supervisor's clock moves only when a test moves it. */
@ExtendWith(OutputCaptureExtension.class)
class ShardSupervisorTests {

  private static final Duration WITHIN = Duration.ofSeconds(5);
  private static final Duration STUCK_AFTER = Duration.ofSeconds(2);
  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration MAX_RETRY = Duration.ofSeconds(60);

  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  private final Shards shards = Shards.create(2, engine);
  private final FakeCarriers carriers = new FakeCarriers();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final ShardSupervisor supervisor =
      new ShardSupervisor(
          shards.registry,
          new SupervisionProperties(3, WITHIN, STUCK_AFTER, INTERVAL, RETRY, MAX_RETRY),
          Executions.over(nanoTime::get),
          carriers,
          RandomGenerator.of("L64X128MixRandom"),
          List.of(new Recorder()));

  private final class Recorder implements ShardSupervisor.Listener {
    @Override
    public void restarted(int shard, Reason reason, Duration timeToHeal) {
      events.add(shard + " " + reason);
    }

    @Override
    public void quarantined(int shard, Duration delay) {
      events.add(shard + " quarantined");
      lastDelay = delay;
    }

    @Override
    public void revived(int shard) {
      events.add(shard + " revived");
    }

    @Override
    public void carriersHeld(boolean held) {
      events.add(held ? "held" : "free");
    }
  }

  private final List<String> causes = new ArrayList<>();
  private volatile @Nullable Throwable stuck;
  private volatile Duration lastDelay = Duration.ZERO;

  @BeforeEach
  void start() {
    shards.registry.addListener(supervisor);
    shards.start();
  }

  @AfterEach
  void stop() {
    shards.stop();
    engine.close();
  }

  private void pass(Duration time) {
    carriers.run(time);
    passUnrun(time);
  }

  /** Time during which no carrier runs the canary. */
  private void passUnrun(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  /** Kills the worker of a shard, and returns once the supervisor has handled it. */
  private void kill(int shard) {
    long generation = shards.registry.kill(shard);
    await()
        .until(() ->
            shards.registry.status(shard).state() == State.QUARANTINED
                || (shards.registry.status(shard).generation() > generation
                    && events.contains(shard + " KILLED")));
  }

  private Outcome ask(int shard, String key) {
    Key there = Key.of(shard == 0 ? key : shard + key);
    return shards.gateway.ask(new Command.Get(there, Precondition.NONE));
  }

  @Test
  void deadWorkersAreReplacedAtOnce() {
    kill(0);
    assertThat(ask(0, "a")).isEqualTo(new Outcome.Absent());
    SupervisionReport report = supervisor.report(0);
    assertThat(report.restarts()).isEqualTo(Map.of(Reason.KILLED, 1L));
    assertThat(report.lastCause()).hasValueSatisfying(c -> assertThat(c).contains("killed"));
    assertThat(supervisor.report(1).totalRestarts()).isZero();
    assertThat(shards.registry.status(1).generation()).isEqualTo(1);
  }

  /** Allocates an array that is too large for any JVM. */
  private static Object exhaustMemory() {
    return new long[Integer.MAX_VALUE];
  }

  // Error Prone detects that it never ends, which is intended.
  @SuppressWarnings("InfiniteRecursion")
  private static int exhaustStack(int depth) {
    return exhaustStack(depth + 1) + depth;
  }

  /** Real errors, thrown by the JVM in the worker. */
  @Test
  void errorsAreDeathsLikeOthers() {
    List<Runnable> ends = List.of(() -> exhaustMemory(), () -> exhaustStack(0));
    for (Runnable end : ends) {
      engine.onGet(key -> {
        engine.onGet(others -> {});
        end.run();
      });
      assertThat(catchThrowable(() -> ask(0, "a"))).isInstanceOf(OutcomeUnknown.class);
      assertThat(ask(0, "a")).isEqualTo(new Outcome.Absent());
      causes.add(supervisor.report(0).lastCause().orElseThrow());
    }
    await().until(() -> supervisor.report(0).totalRestarts() == 2);
    assertThat(supervisor.report(0).restarts()).isEqualTo(Map.of(Reason.DIED, 2L));
    assertThat(causes.getFirst()).contains("OutOfMemoryError");
    assertThat(causes.getLast()).contains("StackOverflowError");
    assertThat(shards.registry.status(1).generation()).isEqualTo(1);
  }

  @Test
  void tooManyDeathsQuarantineTheShard() {
    for (int i = 0; i < 3; i++) {
      kill(0);
    }
    assertThat(shards.registry.status(0).state()).isEqualTo(State.SERVING);
    pass(WITHIN);
    kill(0);
    assertThat(shards.registry.status(0).state()).isEqualTo(State.QUARANTINED);
    assertThat(shards.registry.status(1).state()).isEqualTo(State.SERVING);
    assertThat(ask(1, "a")).isEqualTo(new Outcome.Absent());
    assertThat(supervisor.report(0).quarantines()).isEqualTo(1);
  }

  @Test
  void rareDeathsAreAllHealed() {
    for (int i = 0; i < 20; i++) {
      kill(0);
      pass(WITHIN.dividedBy(3).plusNanos(1));
    }
    assertThat(shards.registry.status(0).state()).isEqualTo(State.SERVING);
    assertThat(supervisor.report(0).totalRestarts()).isEqualTo(20);
  }

  private void killUntilQuarantined(int shard) {
    while (shards.registry.status(shard).state() != State.QUARANTINED) {
      kill(shard);
    }
  }

  @Test
  void quarantineEndsAfterItsDelay() {
    killUntilQuarantined(0);
    assertThat(lastDelay)
        .isBetween(RETRY.multipliedBy(8).dividedBy(10), RETRY.multipliedBy(12).dividedBy(10));
    pass(lastDelay.minusNanos(1));
    supervisor.look();
    assertThat(shards.registry.status(0).state()).isEqualTo(State.QUARANTINED);
    pass(Duration.ofNanos(1));
    supervisor.look();
    assertThat(shards.registry.status(0).state()).isEqualTo(State.SERVING);
    assertThat(ask(0, "a")).isEqualTo(new Outcome.Absent());
    assertThat(events).endsWith("0 quarantined", "0 revived");
  }

  /** Sends a command, and returns once the worker is held in it. */
  private Hold holdShard0() {
    Hold hold = engine.holdAt(Key.of("stuck"));
    Thread.ofVirtual().start(() -> stuck = catchThrowable(() -> ask(0, "stuck")));
    hold.awaitReached();
    supervisor.look();
    return hold;
  }

  @Test
  void unhealableShardsDoNotHoldUpOthers() {
    killUntilQuarantined(0);
    killUntilQuarantined(1);
    engine.beforeOpen(shard -> {
      if (shard == 0) {
        throw new IllegalStateException("test");
      }
    });
    pass(RETRY.multipliedBy(2));
    supervisor.look();
    supervisor.look();
    assertThat(shards.registry.status(0).state()).isEqualTo(State.QUARANTINED);
    assertThat(shards.registry.status(1).state()).isEqualTo(State.SERVING);
    engine.beforeOpen(shard -> {});
    supervisor.look();
    assertThat(shards.registry.status(0).state()).isEqualTo(State.SERVING);
  }

  @Test
  void stuckWorkersAreReplaced() {
    Hold hold = holdShard0();
    for (long waited = 0; waited < STUCK_AFTER.toNanos(); waited += INTERVAL.toNanos()) {
      assertThat(shards.registry.status(0).generation()).isEqualTo(1);
      pass(INTERVAL);
      supervisor.look();
    }
    assertThat(shards.registry.status(0).generation()).isEqualTo(2);
    assertThat(ask(0, "a")).isEqualTo(new Outcome.Absent());
    await().until(() -> events.contains("0 STUCK") && stuck instanceof OutcomeUnknown);
    assertThat(shards.registry.status(1).generation())
        .as("an idle worker is not stuck")
        .isEqualTo(1);
    hold.release();
  }

  @Test
  void pauseOfTheProcessMakesNoWorkerStuck() {
    Hold hold = holdShard0();
    pass(Duration.ofHours(1));
    supervisor.look();
    assertThat(shards.registry.status(0).generation()).isEqualTo(1);
    hold.release();
  }

  /** The worker waits for a carrier, like the canary. */
  @Test
  void workersWithoutAProcessorAreNotStuck() {
    Hold hold = holdShard0();
    for (int i = 0; i < 100; i++) {
      passUnrun(INTERVAL);
      supervisor.look();
    }
    assertThat(shards.registry.status(0).generation()).isEqualTo(1);
    hold.release();
  }

  /** Workers get a tenth of the time, so detection takes ten times as long. */
  @Test
  void onlyUsableTimeMakesAWorkerStuck() {
    Hold hold = holdShard0();
    for (int i = 0; i < 80; i++) {
      assertThat(shards.registry.status(0).generation()).isEqualTo(1);
      carriers.run(INTERVAL.dividedBy(10));
      passUnrun(INTERVAL);
      supervisor.look();
    }
    assertThat(shards.registry.status(0).generation()).isEqualTo(2);
    hold.release();
  }

  /** A successor could not run either, but the state is reported. */
  @Test
  void heldCarriersAreReported() {
    Hold hold = holdShard0();
    for (int i = 0; i < 1 + CarrierWatch.HELD_CPU * 8; i++) {
      carriers.use(INTERVAL);
      passUnrun(INTERVAL);
      supervisor.look();
    }
    assertThat(events).containsExactly("held");
    assertThat(supervisor.carriersHeld()).isTrue();
    assertThat(shards.registry.status(0).generation()).isEqualTo(1);
    pass(INTERVAL);
    supervisor.look();
    assertThat(events).containsExactly("held", "free");
    assertThat(supervisor.carriersHeld()).isFalse();
    hold.release();
  }

  /** The status of the worker was read earlier. */
  @Test
  void shardsMayBeRemovedDuringALook(CapturedOutput output) {
    killUntilQuarantined(0);
    killUntilQuarantined(1);
    engine.beforeOpen(shard -> {
      if (shard == 0) {
        shards.registry.leave(1);
      }
    });
    pass(RETRY.multipliedBy(2));
    supervisor.look();
    engine.beforeOpen(shard -> {});
    assertThat(shards.registry.shards()).containsExactly(0);
    assertThat(shards.registry.status(0).state()).isEqualTo(State.SERVING);
    assertThat(output).doesNotContain("There is no shard 1");
  }

  @Test
  void slowWorkersAreNotStuck() {
    for (int i = 0; i < 50; i++) {
      supervisor.look();
      pass(INTERVAL);
      var _ = ask(0, "a");
    }
    assertThat(shards.registry.status(0).generation()).isEqualTo(1);
  }

  @Test
  void unreportedDeathsAreFound() {
    Shards unwatched = Shards.create(1, MemoryEngines.create(Long.MAX_VALUE));
    ShardSupervisor blind =
        new ShardSupervisor(
            unwatched.registry,
            new SupervisionProperties(3, WITHIN, STUCK_AFTER, INTERVAL, RETRY, MAX_RETRY),
            Executions.over(nanoTime::get),
            carriers,
            RandomGenerator.getDefault(),
            List.of());
    unwatched.start();
    unwatched.registry.kill(0);
    await().until(() -> unwatched.registry.status(0).state() == State.DEAD);
    blind.look();
    assertThat(unwatched.registry.status(0).state()).isEqualTo(State.SERVING);
    assertThat(unwatched.registry.status(0).generation()).isEqualTo(2);
    unwatched.stop();
  }
}
