package dev.nebulastore.supervision;

import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import dev.nebulastore.time.Executions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Shards under a supervisor whose clock moves only when a test moves it. The first digit of a key
 * is the number of its shard.
 *
 * <p>Threads: confined to the thread of a test, except for sending commands.
 */
public final class Supervised implements AutoCloseable {

  /** More deaths than this within the window below quarantine a shard. */
  public static final int MAX_RESTARTS = 3;

  static final Duration WITHIN = Duration.ofSeconds(5);
  static final Duration RETRY = Duration.ofSeconds(10);
  static final Duration MAX_RETRY = Duration.ofSeconds(60);

  public final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  public final ShardRegistry registry;
  private final Shards shards;
  private final ShardSupervisor supervisor;
  private final FakeCarriers carriers = new FakeCarriers();
  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final Map<Integer, Duration> delays = new ConcurrentHashMap<>();

  /**
   * Creates this number of shards. The listeners are notified after the first death at the
   * earliest.
   */
  public Supervised(
      int count, RandomGenerator chance, List<? extends ShardSupervisor.Listener> listeners) {
    shards = Shards.create(count, engine);
    registry = shards.registry;
    List<ShardSupervisor.Listener> all = new ArrayList<>(listeners);
    all.add(new Delays());
    supervisor =
        new ShardSupervisor(
            registry,
            new SupervisionProperties(
                MAX_RESTARTS,
                WITHIN,
                Duration.ofSeconds(2),
                Duration.ofMillis(250),
                RETRY,
                MAX_RETRY),
            Executions.over(nanoTime::get),
            carriers,
            chance,
            all);
    registry.addListener(supervisor);
    shards.start();
  }

  private final class Delays implements ShardSupervisor.Listener {
    @Override
    public void restarted(int shard, Reason reason, Duration timeToHeal) {}

    @Override
    public void quarantined(int shard, Duration delay) {
      delays.put(shard, delay);
    }

    @Override
    public void revived(int shard) {
      delays.remove(shard);
    }
  }

  /** Sends this command to the shard of the first digit of the key. */
  public Outcome ask(Command command) {
    return shards.gateway.ask(command);
  }

  static Command get(String key) {
    return new Command.Get(Key.of(key), Precondition.NONE);
  }

  static Command put(String key, String value) {
    return new Command.Put(
        Key.of(key),
        Precondition.NONE,
        new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain"),
        null,
        false);
  }

  SupervisionReport report(int shard) {
    return supervisor.report(shard);
  }

  /** Moves the supervisor's clock, and runs a check. */
  public void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
    carriers.run(time);
    supervisor.look();
  }

  /** How long a shard is quarantined; zero if it is not. */
  public Duration quarantine(int shard) {
    return delays.getOrDefault(shard, Duration.ZERO);
  }

  /** Kills the worker of a shard, and returns once the supervisor has handled it. */
  public void kill(int shard) {
    long before = dealtWith(shard);
    registry.kill(shard);
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> dealtWith(shard) > before);
  }

  private long dealtWith(int shard) {
    SupervisionReport report = report(shard);
    return report.totalRestarts() + report.quarantines();
  }

  /** Kills its workers until the shard is quarantined. */
  public void killUntilQuarantined(int shard) {
    while (!isQuarantined(shard)) {
      kill(shard);
    }
  }

  /** Whether the shard waits for its next retry. */
  public boolean isQuarantined(int shard) {
    return registry.status(shard).state() == State.QUARANTINED;
  }

  @Override
  public void close() {
    shards.stop();
    engine.close();
  }
}
