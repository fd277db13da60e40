package dev.nebulastore.shard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock in whole milliseconds that never goes back: when the system's is set back, this one
 * stands still until that has caught up. So what has expired stays expired.
 *
 * <p>Threads: safe for all.
 */
final class ForwardTime implements InstantSource {

  private final InstantSource source;
  private final AtomicReference<Instant> latest =
      new AtomicReference<>(Instant.ofEpochMilli(Long.MIN_VALUE));

  ForwardTime(InstantSource source) {
    this.source = source;
  }

  /** Within a millisecond it is the same object: many entries hold it. */
  @Override
  public Instant instant() {
    long now = source.millis();
    Instant before = latest.get();
    return now <= before.toEpochMilli()
        ? before
        : latest.accumulateAndGet(Instant.ofEpochMilli(now), ForwardTime::later);
  }

  private static Instant later(Instant one, Instant other) {
    return other.isAfter(one) ? other : one;
  }
}
