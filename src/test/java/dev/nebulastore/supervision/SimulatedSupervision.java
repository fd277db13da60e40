package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Gives a simulation the supervisor, and has it look when the simulation says so. */
public final class SimulatedSupervision {

  private final ShardSupervisor supervisor;

  /** Of these workers, as often as they may die and as long as they may be stuck. */
  public SimulatedSupervision(
      ShardWorkers workers,
      int maxRestarts,
      Duration stuckAfter,
      Duration interval,
      LongSupplier nanoTime,
      RandomGenerator jitter) {
    Duration rest = stuckAfter.dividedBy(2);
    supervisor =
        new ShardSupervisor(
            workers,
            new SupervisionProperties(
                maxRestarts, stuckAfter, stuckAfter, interval, rest, rest.multipliedBy(4)),
            nanoTime,
            jitter,
            List.of());
    workers.addListener(supervisor);
  }

  /** Looks once at every shard. */
  public void look() {
    supervisor.look();
  }

  /** How often a shard was set aside. */
  public long timesSetAside(int shard) {
    return supervisor.report(shard).setAside();
  }
}
