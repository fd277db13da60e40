package dev.nebulastore.api.codec;

import dev.nebulastore.time.StoreClock;
import java.time.Duration;
import java.time.Instant;

/**
 * Converts the times of an entry from store time to the system's time, which the {@code Date} of an
 * answer has, too.
 *
 * <p>Threads: immutable.
 */
public record ClientTime(StoreClock clock) {

  /** When an entry expires, by the system's time. */
  public Instant expires(Instant expires) {
    return expires.minus(ahead());
  }

  /**
   * How far store time is ahead of the system's. While it does not change, converted times hold.
   */
  public Duration ahead() {
    return clock.ahead();
  }

  /** When an entry was written: never later than now (RFC 9110, 8.8.2.1). */
  public Instant modified(Instant modified) {
    Instant now = clock.system();
    return modified.isAfter(now) ? now : modified;
  }
}
