package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Gives a simulation the supervisor, and has it look when the simulation says so. */
public final class SimulatedSupervision {

  private final ShardSupervisor supervisor;
  private final Canary canary;

  /** Of these workers, as often as they may die and as long as they may be stuck. */
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
}
