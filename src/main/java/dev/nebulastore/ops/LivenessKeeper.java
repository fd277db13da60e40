package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.ShardWorkers;
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
 * Declares the process broken when every shard is quarantined, or no virtual thread runs any more,
 * and well again when neither is so: then, and only then, is a new process better than this one
 * (invariant 7).
 *
 * <p>Threads: called under the supervisor's lock.
 */
@Component
final class LivenessKeeper implements ShardSupervisor.Listener {

  private static final Logger log = LoggerFactory.getLogger(LivenessKeeper.class);

  private final ObjectProvider<ShardWorkers> workers;
  private final ApplicationEventPublisher events;

  LivenessKeeper(ObjectProvider<ShardWorkers> workers, ApplicationEventPublisher events) {
    this.workers = workers;
    this.events = events;
  }

  private boolean allAside;
  private boolean carriersHeld;

  @Override
  public void restarted(int shard, Reason reason, Duration timeToHeal) {}

  @Override
  public void setAside(int shard, Duration delay) {
    if (workers.getObject().statuses().stream().allMatch(s -> s.state() == State.SET_ASIDE)) {
      log.error("All shards are quarantined: the process asks to be replaced (liveness is BROKEN)");
      allAside = true;
      publish();
    }
  }

  @Override
  public void revived(int shard) {
    allAside = false;
    publish();
  }

  @Override
  public void carriersHeld(boolean held) {
    carriersHeld = held;
    publish();
  }

  private void publish() {
    AvailabilityChangeEvent.publish(
        events, this, allAside || carriersHeld ? LivenessState.BROKEN : LivenessState.CORRECT);
  }
}
