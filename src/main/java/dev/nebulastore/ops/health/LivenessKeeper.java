package dev.nebulastore.ops.health;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.supervision.ShardSupervisor;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Sets liveness to BROKEN while every shard is quarantined, or no virtual thread runs any more.
 * Only then is a new process better than this one (invariant 7).
 *
 * <p>Threads: called under the lock of the supervisor.
 */
@Component
final class LivenessKeeper implements ShardSupervisor.Listener {

  private static final Logger log = LoggerFactory.getLogger(LivenessKeeper.class);

  private final ObjectProvider<ShardRegistry> registry;
  private final ApplicationEventPublisher events;

  LivenessKeeper(ObjectProvider<ShardRegistry> registry, ApplicationEventPublisher events) {
    this.registry = registry;
    this.events = events;
  }

  private boolean allQuarantined;
  private boolean carriersHeld;

  @Override
  public void restarted(int shard, Reason reason, Duration timeToHeal) {}

  @Override
  public void quarantined(int shard, Duration delay) {
    if (registry.getObject().statuses().stream().allMatch(s -> s.state() == State.QUARANTINED)) {
      log.error("All shards are quarantined, so liveness is BROKEN: restart the process");
      allQuarantined = true;
      publish();
    }
  }

  @Override
  public void revived(int shard) {
    allQuarantined = false;
    publish();
  }

  @Override
  public void carriersHeld(boolean held) {
    carriersHeld = held;
    publish();
  }

  private void publish() {
    AvailabilityChangeEvent.publish(
        events,
        this,
        allQuarantined || carriersHeld ? LivenessState.BROKEN : LivenessState.CORRECT);
  }
}
