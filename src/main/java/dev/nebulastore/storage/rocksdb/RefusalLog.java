package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that writes are refused: once when it begins, once if it gets worse, and once when all are
 * accepted again.
 *
 * <p>Threads: confined to the committer's.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  private State told = State.WRITABLE;

  /** Logs a change of the condition. */
  void tell(Condition now) {
    tell(now, null);
  }

  /** Logs a change of the condition, with the exception that caused it. Never throws. */
  void tell(Condition now, @Nullable Throwable failure) {
    State before = told;
    told = now.state();
    if (before == told) {
      return;
    }
    try {
      log(before, now, failure);
    } catch (Throwable again) {
      // Others wait for their answers, whether this can be logged or not.
    }
  }

  private static void log(State before, Condition now, @Nullable Throwable failure) {
    switch (now.state()) {
      case WRITABLE -> log.info("Writes are accepted again");
      case DAMAGED ->
          log.error(
              "Writes are accepted, but a table is damaged, so no table is compacted until the next"
                  + " start: {}. Restore a backup",
              now.cause());
      case FULL -> {
        if (before != State.READABLE) {
          log.warn(
              "Puts are refused with 507, since the disk is full: {}. Free some space, or delete"
                  + " keys: what is deleted is compacted in the background",
              now.cause());
        }
      }
      case READABLE ->
          log.error(
              "Writes are refused until the database could be opened anew: {}",
              now.cause(),
              failure);
    }
  }
}
