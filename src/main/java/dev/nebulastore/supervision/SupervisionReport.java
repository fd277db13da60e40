package dev.nebulastore.supervision;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What supervision has done for one shard since the start.
 *
 * @param restarts how often its worker was replaced, by reason
 * @param quarantines how often the shard was quarantined
 * @param lastCause what ended its worker the last time
 * @param lastTimeToHeal the time from that end until its successor started to serve
 */
public record SupervisionReport(
    int shard,
    Map<Reason, Long> restarts,
    long quarantines,
    Optional<String> lastCause,
    Optional<Duration> lastTimeToHeal) {

  /** Copies the map. */
  public SupervisionReport {
    restarts = Map.copyOf(restarts);
  }

  /** Why a worker was replaced. */
  public enum Reason {
    /** It ended with an exception or an error. */
    DIED,
    /** An operator requested its end. */
    KILLED,
    /** It made no progress while work waited. */
    STUCK
  }

  /** How often the worker was replaced, for any reason. */
  public long totalRestarts() {
    return restarts.values().stream().mapToLong(Long::longValue).sum();
  }
}
