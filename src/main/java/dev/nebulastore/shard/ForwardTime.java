package dev.nebulastore.shard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock in whole milliseconds that never goes back: when the system's is set back, this one
 * stands still until that has caught up. So what has expired stays expired.
 *
 * <p>Threads: safe for all.
 */
final class ForwardTime implements InstantSource {

  private final InstantSource source;
  private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

  ForwardTime(InstantSource source) {
    this.source = source;
  }

  @Override
  public Instant instant() {
    long now = source.millis();
    long before = latest.get();
    return Instant.ofEpochMilli(now <= before ? before : latest.accumulateAndGet(now, Math::max));
  }
}
