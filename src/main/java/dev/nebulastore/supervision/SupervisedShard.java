package dev.nebulastore.supervision;

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

  final RestartIntensity intensity;

  /**
   * How often in a row it was quarantined, each time soon after it had been given a worker again.
   */
  int attempts;

  /** When it was last given a worker after it had been quarantined; null if it never was. */
  @Nullable Long revivedAt;

  /** When it is to be given a worker again, while it is quarantined. */
  long retryAt;

  /** What was last seen of the present worker, and for how long it has not changed. */
  long seenGeneration;

  long seenProgress;
  long unchangedFor;

  /** Whether the last look could not do what was to be done: that is told once. */
  boolean beyondHelp;

  private final int shard;
  private final Map<Reason, Long> restarts = new EnumMap<>(Reason.class);
  private long timesSetAside;
  private @Nullable String lastCause;
  private @Nullable Duration lastTimeToHeal;
  private @Nullable Reason healing;
  private long endedAt;

  SupervisedShard(int shard, RestartIntensity intensity) {
    this.shard = shard;
    this.intensity = intensity;
  }

  /** The worker was replaced; its successor has not begun yet. */
  void restarted(Reason reason, String cause, long now) {
    restarts.merge(reason, 1L, Long::sum);
    lastCause = cause;
    healing = reason;
    endedAt = now;
  }

  /** The shard was quarantined. */
  void wasSetAside(String cause) {
    timesSetAside++;
    lastCause = cause;
    healing = null;
  }

  /** A worker has begun to serve: why its predecessor was replaced, if it was, and only once. */
  @Nullable Reason healed(long now) {
    Reason reason = healing;
    if (reason != null) {
      lastTimeToHeal = Duration.ofNanos(now - endedAt);
      healing = null;
    }
    return reason;
  }

  SupervisionReport report() {
    return new SupervisionReport(
        shard,
        restarts,
        timesSetAside,
        Optional.ofNullable(lastCause),
        Optional.ofNullable(lastTimeToHeal));
  }
}
