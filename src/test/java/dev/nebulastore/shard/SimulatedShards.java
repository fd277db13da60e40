package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Creates the shards of a simulation. */
public final class SimulatedShards {

  private SimulatedShards() {}

  /** This number of shards over this engine, which notifies these listeners; not started yet. */
  public static Shards create(
      Execution execution,
      int count,
      int capacity,
      Duration deadline,
      Duration barrier,
      StorageEngine engine,
      ChangeListener... changes) {
    InstantSource time = () -> Instant.ofEpochMilli(execution.nanoTime() / 1_000_000);
    return new Shards(
        new ShardEnvironment(
            execution,
            new ShardProperties(count, capacity, deadline, barrier, 512),
            engine,
            Clocks.over(time, execution::nanoTime),
            new ChangeListeners(List.of(changes))),
        ShardWorker::new);
  }
}
