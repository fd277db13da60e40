package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** Gives tests of other rooms a table of shards, not yet started. */
public final class Shards {

  private Shards() {}

  /** A table of so many shards over this engine, whose changes go nowhere. */
  public static ShardWorkers create(int count, StorageEngine engine) {
    return create(count, engine, InstantSource.system(), (shard, changes) -> {});
  }

  /** A table of so many shards over this engine. */
  public static ShardWorkers create(
      int count,
      StorageEngine engine,
      InstantSource time,
      BiConsumer<Integer, List<Change>> changes) {
    return create(count, engine, time, changes, Duration.ofSeconds(30));
  }

  /** A table whose commands may take so long, and whose changes go nowhere. */
  static ShardWorkers create(int count, StorageEngine engine, Duration deadline) {
    return create(count, engine, InstantSource.system(), (shard, changes) -> {}, deadline);
  }

  /** A table that tells time by this, as {@link System#nanoTime}, and whose changes go nowhere. */
  public static ShardWorkers create(int count, StorageEngine engine, LongSupplier nanoTime) {
    return create(
        execution(nanoTime),
        count,
        engine,
        InstantSource.system(),
        (shard, changes) -> {},
        Duration.ofSeconds(30));
  }

  private static ShardWorkers create(
      int count,
      StorageEngine engine,
      InstantSource time,
      BiConsumer<Integer, List<Change>> changes,
      Duration deadline) {
    return create(Execution.MACHINE, count, engine, time, changes, deadline);
  }

  private static ShardWorkers create(
      Execution execution,
      int count,
      StorageEngine engine,
      InstantSource time,
      BiConsumer<Integer, List<Change>> changes,
      Duration deadline) {
    ShardWorkers workers =
        new ShardWorkers(
            execution,
            new ShardProperties(count, 1_000, deadline, Duration.ofSeconds(5)),
            engine,
            new MonotonicClock(time, () -> 0),
            onCommitted(changes),
            ShardWorker::new);
    workers.place(Shards::byDigit);
    return workers;
  }

  /** Tells time by this; all else is the machine's. */
  static Execution execution(LongSupplier nanoTime) {
    return new Execution() {
      @Override
      public long nanoTime() {
        return nanoTime.getAsLong();
      }

      @Override
      public void parkNanos(Object blocker, long nanos) {
        MACHINE.parkNanos(blocker, nanos);
      }

      @Override
      public Thread worker(String name, Runnable task) {
        return MACHINE.worker(name, task);
      }

      @Override
      public Thread watcher(String name, Runnable task) {
        return MACHINE.watcher(name, task);
      }
    };
  }

  /** A key lives in the shard that its first digit says, and without one in shard 0. */
  public static int byDigit(Key key) {
    int digit = key.utf8()[0] - '0';
    return digit >= 0 && digit <= 9 ? digit : 0;
  }

  /** A listener to what is committed, and to nothing else. */
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
