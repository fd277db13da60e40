package dev.nebulastore.supervision;

import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * A table of shards under a supervisor whose clock moves only when a test moves it. A key lives in
 * the shard that its first digit says.
 *
 * <p>Threads: confined to a test, but for asking.
 */
public final class Supervised implements AutoCloseable {

  /** More deaths than this within the time below quarantine a shard. */
  public static final int MAX_RESTARTS = 3;

  static final Duration WITHIN = Duration.ofSeconds(5);
  static final Duration RETRY = Duration.ofSeconds(10);
  static final Duration MAX_RETRY = Duration.ofSeconds(60);

  public final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  public final ShardWorkers workers;
  private final ShardSupervisor supervisor;
  private final FakeCarriers carriers = new FakeCarriers();
  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final Map<Integer, Duration> rests = new ConcurrentHashMap<>();

  /** With so many shards; the listeners are told after the first death at the earliest. */
  public Supervised(
      int shards, RandomGenerator chance, List<? extends ShardSupervisor.Listener> listeners) {
    workers = Shards.create(shards, engine);
    List<ShardSupervisor.Listener> all = new ArrayList<>(listeners);
    all.add(new Rests());
    supervisor =
        new ShardSupervisor(
            workers,
            new SupervisionProperties(
                MAX_RESTARTS,
                WITHIN,
                Duration.ofSeconds(2),
                Duration.ofMillis(250),
                RETRY,
                MAX_RETRY),
            nanoTime::get,
            carriers,
            chance,
            all);
    workers.addListener(supervisor);
    workers.start();
  }

  private final class Rests implements ShardSupervisor.Listener {
    @Override
    public void restarted(int shard, Reason reason, Duration timeToHeal) {}

    @Override
    public void setAside(int shard, Duration delay) {
      rests.put(shard, delay);
    }

    @Override
    public void revived(int shard) {
      rests.remove(shard);
    }
  }

  /** Has the shard that the key's first digit says carry this out. */
  public Outcome ask(Command command) {
    return workers.ask(command);
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

  /** Moves the supervisor's clock, and has it look. */
  public void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
    carriers.run(time);
    supervisor.look();
  }

  /** How long a shard that is quarantined was told to rest. */
  public Duration rest(int shard) {
    return rests.getOrDefault(shard, Duration.ZERO);
  }

  /** Kills the worker of a shard, and is back when supervision has dealt with it. */
  public void kill(int shard) {
    long before = dealtWith(shard);
    workers.kill(shard);
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> dealtWith(shard) > before);
  }

  private long dealtWith(int shard) {
    SupervisionReport report = report(shard);
    return report.totalRestarts() + report.setAside();
  }

  /** Kills its workers until the shard is quarantined. */
  public void killUntilAside(int shard) {
    while (!isAside(shard)) {
      kill(shard);
    }
  }

  /** Whether the shard rests. */
  public boolean isAside(int shard) {
    return workers.status(shard).state() == State.SET_ASIDE;
  }

  @Override
  public void close() {
    workers.stop();
    engine.close();
  }
}
