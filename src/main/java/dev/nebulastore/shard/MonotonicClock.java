package dev.nebulastore.shard;

import dev.nebulastore.kv.StoreClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Store time: the time of the system's clock, or the last store time plus what has elapsed since,
 * whichever is later. See docs/decisions/0025-store-time-runs-on.md.
 *
 * <p>While the system's clock only runs, this is its time. When that is set forward, this follows
 * at once. When it is set back, this goes on at the pace of the machine and stays ahead by as much:
 * what has expired stays expired, and what has a time to live expires when that is over.
 *
 * <p>Threads: safe for all.
 */
final class MonotonicClock implements StoreClock {

  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * Two readings of two clocks differ by less, so that what a client is told of one entry stays the
   * same until the system's clock is set again.
   */
  private static final long TOLERANCE_MILLIS = 20;

  /** Store time when the machine's own clock said this. */
  private record Reading(Instant instant, long millis, long nanos) {
    private Reading(long millis, long nanos) {
      this(Instant.ofEpochMilli(millis), millis, nanos);
    }
  }

  private final InstantSource source;
  private final LongSupplier nanoTime;
  private final AtomicReference<Reading> latest;
  private volatile long aheadMillis;

  /**
   * Begins at the system's time.
   *
   * @param source the system's clock
   * @param nanoTime a clock that nobody sets, as {@link System#nanoTime}
   */
  MonotonicClock(InstantSource source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
    this.latest = new AtomicReference<>(new Reading(source.millis(), nanoTime.getAsLong()));
  }

  /** Within a millisecond it is the same object: many entries hold it. */
  @Override
  public Instant instant() {
    // In this order: a pause in between has store time fall behind, which mends itself, and never
    // get ahead.
    long system = source.millis();
    long nanos = nanoTime.getAsLong();
    while (true) {
      Reading before = latest.get();
      Reading now = next(before, system, nanos);
      if (now.millis <= before.millis) {
        return before.instant;
      }
      if (latest.compareAndSet(before, now)) {
        return now.instant;
      }
    }
  }

  private static Reading next(Reading before, long system, long nanos) {
    long elapsed = Math.max(0, (nanos - before.nanos) / NANOS_PER_MILLI);
    long running = before.millis + elapsed;
    if (system > running) {
      return new Reading(system, nanos);
    }
    return elapsed == 0 ? before : new Reading(running, before.nanos + elapsed * NANOS_PER_MILLI);
  }

  @Override
  public Instant system() {
    return Instant.ofEpochMilli(source.millis());
  }

  @Override
  public Duration ahead() {
    // In this order: while the system's clock only runs, it is never behind.
    long store = instant().toEpochMilli();
    long exact = Math.max(0, store - source.millis());
    if (Math.abs(exact - aheadMillis) > TOLERANCE_MILLIS) {
      aheadMillis = exact;
    }
    return Duration.ofMillis(aheadMillis);
  }

  @Override
  public void advanceTo(Instant least) {
    while (instant().isBefore(least)) {
      Reading before = latest.get();
      if (before.instant.isBefore(least)) {
        latest.compareAndSet(before, new Reading(least.toEpochMilli(), nanoTime.getAsLong()));
      }
    }
  }
}
