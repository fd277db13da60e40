package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the supervisor knows of one shard.
 *
 * <p>Threads: guarded by the supervisor's lock.
 */
final class SupervisedShard {

  private final int shard;
  private final long window;
  private final RestartIntensity intensity;
  private final Map<Reason, Long> restarts = new EnumMap<>(Reason.class);

  // What was last seen of the worker, and for how long it has not changed.
  private long seenGeneration;
  private long seenProgress;
  private long unchangedNanos;

  // How often in a row it was quarantined, each time soon after the last one had ended.
  private int quarantinesInARow;
  private @Nullable Long revivedAt;
  private long reviveAt;

  private boolean unhealable;
  private long quarantines;
  private @Nullable String lastCause;
  private @Nullable Duration lastTimeToHeal;
  private @Nullable Reason healing;
  private long endedAt;

  SupervisedShard(int shard, int maxRestarts, Duration within) {
    this.shard = shard;
    this.window = within.toNanos();
    this.intensity = new RestartIntensity(maxRestarts, within);
  }

  /**
   * Whether the worker has made no progress for too long while work waited.
   *
   * @param usable for how long it could have run since the last look, in nanoseconds
   */
  boolean isStuck(ShardStatus status, long usable, Duration stuckAfter) {
    boolean unchanged =
        status.busy() && status.generation() == seenGeneration && status.progress() == seenProgress;
    seenGeneration = status.generation();
    seenProgress = status.progress();
    unchangedNanos = unchanged ? unchangedNanos + usable : 0;
    boolean stuck = unchangedNanos >= stuckAfter.toNanos();
    if (stuck) {
      unchangedNanos = 0;
    }
    return stuck;
  }

  /** Counts the end of a worker; true if there were too many, so that the shard is quarantined. */
  boolean endsTooOften(long now) {
    boolean relapsed = revivedAt != null && now - revivedAt <= window;
    if (!relapsed) {
      quarantinesInARow = 0;
    }
    return relapsed || intensity.exceededBy(now);
  }

  int quarantinesInARow() {
    return quarantinesInARow;
  }

  /** The shard was quarantined for this long. */
  void quarantined(String cause, Duration delay, long now) {
    quarantinesInARow++;
    reviveAt = now + delay.toNanos();
    quarantines++;
    lastCause = cause;
    healing = null;
  }

  /** Whether the quarantine is over. */
  boolean isRested(long now) {
    return now - reviveAt >= 0;
  }

  /** The shard is given a worker again. */
  void revived(long now) {
    revivedAt = now;
    intensity.clear();
  }

  /** The worker was replaced; its successor has not started yet. */
  void restarted(Reason reason, String cause, long now) {
    restarts.merge(reason, 1L, Long::sum);
    lastCause = cause;
    healing = reason;
    endedAt = now;
  }

  /** A worker has started to serve: why its predecessor was replaced, if it was, and only once. */
  @Nullable Reason healed(long now) {
    Reason reason = healing;
    if (reason != null) {
      lastTimeToHeal = Duration.ofNanos(now - endedAt);
      healing = null;
    }
    return reason;
  }

  /** The shard could not be given a worker; true if it could before, so that it is logged once. */
  boolean becameUnhealable() {
    boolean first = !unhealable;
    unhealable = true;
    return first;
  }

  /** What had to be done for the shard was done. */
  void isHealable() {
    unhealable = false;
  }

  SupervisionReport report() {
    return new SupervisionReport(
        shard,
        restarts,
        quarantines,
        Optional.ofNullable(lastCause),
        Optional.ofNullable(lastTimeToHeal));
  }
}
