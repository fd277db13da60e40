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
 * Declares the process broken when every shard is set aside, and well again when one is not: then,
 * and only then, is a new process better than this one (invariant 7).
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

  @Override
  public void restarted(int shard, Reason reason, Duration timeToHeal) {}

  @Override
  public void setAside(int shard, Duration delay) {
    if (workers.getObject().statuses().stream().allMatch(s -> s.state() == State.SET_ASIDE)) {
      log.error("All shards are set aside: the process asks to be replaced (liveness is BROKEN)");
      AvailabilityChangeEvent.publish(events, this, LivenessState.BROKEN);
    }
  }

  @Override
  public void revived(int shard) {
    AvailabilityChangeEvent.publish(events, this, LivenessState.CORRECT);
  }
}
