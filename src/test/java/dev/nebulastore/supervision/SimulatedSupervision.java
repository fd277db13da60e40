package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Gives a simulation the supervisor, and has it look when the simulation says so. */
public final class SimulatedSupervision {

  private final ShardSupervisor supervisor;
  private final Canary canary;

  /**
   * Of these workers, as often as they may die and as long as they may be stuck.
   *
   * @param unstarted makes a thread as workers have
   */
  public SimulatedSupervision(
      ShardWorkers workers,
      int maxRestarts,
      Duration stuckAfter,
      Duration interval,
      LongSupplier nanoTime,
      Function<Runnable, Thread> unstarted,
      RandomGenerator jitter) {
    canary = new Canary(unstarted, interval);
    Duration rest = stuckAfter.dividedBy(2);
    supervisor =
        new ShardSupervisor(
            workers,
            new SupervisionProperties(
                maxRestarts, stuckAfter, stuckAfter, interval, rest, rest.multipliedBy(4)),
            nanoTime,
            new Simulated(),
            jitter,
            List.of());
    workers.addListener(supervisor);
  }

  /** The same seed takes the same steps, whatever the machine needs for them. */
  private final class Simulated implements Carriers {
    @Override
    public long ranNanos() {
      return canary.ranNanos();
    }

    @Override
    public long cpuNanos() {
      return 0;
    }
  }

  /** Looks once at every shard, and wakes the canary. */
  public void look() {
    supervisor.look();
    canary.wake();
  }

  /** Ends what it has begun. */
  public void stop() {
    canary.stop();
  }

  /** How often a shard was quarantined. */
  public long timesSetAside(int shard) {
    return supervisor.report(shard).setAside();
  }
}
