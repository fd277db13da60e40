package dev.nebulastore.simulation;

import java.util.EnumMap;
import java.util.Map;

/**
 * Counts the events of all rounds, to show that the simulation causes each of them.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class Tally {

  /** The events that are counted. */
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
