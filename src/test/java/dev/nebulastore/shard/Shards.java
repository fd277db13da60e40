package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import dev.nebulastore.time.Executions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Creates a registry of shards and the gateway to them for tests; not started yet.
 *
 * <p>Threads: thread-safe.
 */
public final class Shards {

  public final ShardRegistry registry;
  public final CommandGateway gateway;

  Shards(ShardEnvironment environment, Function<WorkerContext, ShardWorker> createWorker) {
    registry = new ShardRegistry(environment, createWorker);
    gateway = new CommandGateway(environment, registry);
  }

  /** Starts both. */
  public void start() {
    registry.start();
    gateway.start();
  }

  /** Stops both. */
  public void stop() {
    gateway.stop();
    registry.stop();
  }

  /** This number of shards over this engine, without change listeners. */
  public static Shards create(int count, StorageEngine engine) {
    return create(count, engine, InstantSource.system(), (shard, changes) -> {});
  }

  /** This number of shards over this engine. */
  public static Shards create(
      int count,
      StorageEngine engine,
      InstantSource time,
      BiConsumer<Integer, List<Change>> changes) {
    return create(Execution.SYSTEM, count, engine, time, changes, Duration.ofSeconds(30));
  }

  /** Shards with this deadline, without change listeners. */
  static Shards create(int count, StorageEngine engine, Duration deadline) {
    return create(
        Execution.SYSTEM, count, engine, InstantSource.system(), (shard, changes) -> {}, deadline);
  }

  /** Shards with this implementation of {@link Execution#nanoTime}, without change listeners. */
  public static Shards create(int count, StorageEngine engine, LongSupplier nanoTime) {
    return create(
        Executions.over(nanoTime),
        count,
        engine,
        InstantSource.system(),
        (shard, changes) -> {},
        Duration.ofSeconds(30));
  }

  private static Shards create(
      Execution execution,
      int count,
      StorageEngine engine,
      InstantSource time,
      BiConsumer<Integer, List<Change>> changes,
      Duration deadline) {
    Shards shards =
        new Shards(
            new ShardEnvironment(
                execution,
                new ShardProperties(count, 1_000, deadline, Duration.ofSeconds(5), 512),
                engine,
                Clocks.over(time, () -> 0),
                onCommitted(changes)),
            ShardWorker::new);
    shards.registry.place(Shards::byDigit);
    return shards;
  }

  /**
   * The first digit of a key is the number of its shard. Keys without a digit belong to shard 0.
   */
  public static int byDigit(Key key) {
    int digit = key.utf8()[0] - '0';
    return digit >= 0 && digit <= 9 ? digit : 0;
  }

  /** A listener that is notified of committed changes only. */
  static ChangeListener onCommitted(BiConsumer<Integer, List<Change>> changes) {
    return new ChangeListener() {
      @Override
      public void committed(int shard, List<Change> committed) {
        changes.accept(shard, committed);
      }

      @Override
      public void uncertain(int shard, List<Change> uncertain) {}
    };
  }
}
