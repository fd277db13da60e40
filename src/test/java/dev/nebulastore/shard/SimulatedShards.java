package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Gives a simulation a table of shards that has its time and its threads from it. */
public final class SimulatedShards {

  /** Time and threads. */
  public interface Clockwork {
    /** As {@link System#nanoTime}. */
    long nanoTime();

    /** Has the current thread wait until it is woken, or for so long. */
    void parkNanos(Object blocker, long nanos);

    /** A thread, not yet started. */
    Thread unstarted(String name, Runnable task);
  }

  private record SimulatedPace(Clockwork clockwork) implements Execution {
    @Override
    public long nanoTime() {
      return clockwork.nanoTime();
    }

    @Override
    public void parkNanos(Object blocker, long nanos) {
      clockwork.parkNanos(blocker, nanos);
    }

    @Override
    public Thread worker(String name, Runnable task) {
      return clockwork.unstarted(name, task);
    }

    /** Nobody watches: callers with less than a second to wait have timers of their own. */
    @Override
    public Thread watcher(String name, Runnable task) {
      return clockwork.unstarted(name, () -> {});
    }
  }

  private SimulatedShards() {}

  /** A table of so many shards over this engine, which tells all of these; not yet started. */
  public static ShardWorkers create(
      Clockwork clockwork,
      int count,
      int capacity,
      Duration deadline,
      Duration barrier,
      StorageEngine engine,
      ChangeListener... changes) {
    InstantSource time = () -> Instant.ofEpochMilli(clockwork.nanoTime() / 1_000_000);
    return new ShardWorkers(
        new SimulatedPace(clockwork),
        new ShardProperties(count, capacity, deadline, barrier),
        engine,
        new MonotonicClock(time, clockwork::nanoTime),
        new ChangeListeners(List.of(changes)),
        ShardWorker::new);
  }
}
