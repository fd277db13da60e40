package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Creates the supervisor of a simulation, which runs its checks when the simulation says so. */
public final class SimulatedSupervision {

  private final ShardSupervisor supervisor;
  private final Canary canary;

  /** Supervises these workers, with these limits for restarts and for stuck workers. */
  public SimulatedSupervision(
      ShardRegistry registry,
      int maxRestarts,
      Duration stuckAfter,
      Duration interval,
      Execution execution,
      RandomGenerator jitter) {
    canary = new Canary(task -> execution.virtualThread("canary", task), interval);
    Duration rest = stuckAfter.dividedBy(2);
    supervisor =
        new ShardSupervisor(
            registry,
            new SupervisionProperties(
                maxRestarts, stuckAfter, stuckAfter, interval, rest, rest.multipliedBy(4)),
            execution,
            new Simulated(),
            jitter,
            List.of());
    registry.addListener(supervisor);
  }

  /** The same seed takes the same steps, however long the machine needs for them. */
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

  /** Checks each shard once, and wakes the canary. */
  public void look() {
    supervisor.look();
    canary.wake();
  }

  /** Stops everything that was started. */
  public void stop() {
    canary.stop();
  }
}
