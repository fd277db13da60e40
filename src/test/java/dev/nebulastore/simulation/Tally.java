package dev.nebulastore.simulation;

import java.util.EnumMap;
import java.util.Map;

/**
 * How often what has happened, over all rounds: to see that the simulation does what it is for.
 *
 * <p>Threads: confined to the simulation's.
 */
final class Tally {

  /** What may happen. */
  enum Event {
    OPERATION,
    TRANSACTION,
    BATCH,
    UNKNOWN,
    DEADLINE_EXCEEDED,
    MAILBOX_FULL,
    SET_ASIDE,
    KILLED,
    RESIZED,
    DIED,
    STUMBLED,
    STUCK,
    FENCED,
    NOT_OPENED,
    FETCHED,
    DISK_BROKEN,
    LOST_GROUND,
    WATCHED
  }

  private final Map<Event, Long> counts = new EnumMap<>(Event.class);

  void count(Event event) {
    counts.merge(event, 1L, Long::sum);
  }

  long of(Event event) {
    return counts.getOrDefault(event, 0L);
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
