package dev.nebulastore.api;

import dev.nebulastore.kv.StoreClock;
import java.time.Duration;
import java.time.Instant;

/**
 * Turns the times of an entry, which are in store time, into what clients are told, which is in the
 * time of the system's clock as the {@code Date} of an answer is.
 *
 * <p>Threads: immutable.
 */
record ClientTime(StoreClock clock) {

  /** When an entry expires: the system's time plus what remains. */
  Instant expires(Instant expires) {
    return expires.minus(ahead());
  }

  /** How far store time is ahead; whatever was told stays right while this is the same. */
  Duration ahead() {
    return clock.ahead();
  }

  /** When an entry was written: never later than now (RFC 9110, 8.8.2.1). */
  Instant modified(Instant modified) {
    Instant now = clock.system();
    return modified.isAfter(now) ? now : modified;
  }
}
