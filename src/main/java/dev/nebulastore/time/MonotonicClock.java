package dev.nebulastore.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Store time: the time of the system clock, or the last store time plus the time elapsed since,
 * whichever is later. See docs/decisions/0025-store-time-runs-on.md.
 *
 * <p>While the system clock runs normally, store time equals it. When the system clock is set
 * forward, store time follows at once. When it is set back, store time continues at the rate of
 * {@link System#nanoTime} and stays ahead by the difference: expired entries stay expired, and a
 * time to live lasts as long as it says.
 *
 * <p>Threads: safe for all.
 */
final class MonotonicClock implements StoreClock {

  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * Differences up to this are noise between the readings of two clocks. They are ignored, so that
   * clients get the same times of an entry until the system clock is set again.
   */
  private static final long TOLERANCE_MILLIS = 20;

  /** Store time at a reading of {@link System#nanoTime}. */
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
   * Starts at the time of the system clock.
   *
   * @param source the system clock
   * @param nanoTime a clock that is never set, as {@link System#nanoTime}
   */
  MonotonicClock(InstantSource source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
    this.latest = new AtomicReference<>(new Reading(source.millis(), nanoTime.getAsLong()));
  }

  /** Returns the same object within a millisecond, since many entries refer to it. */
  @Override
  public Instant instant() {
    // In this order, a pause between the two readings makes store time fall behind, which corrects
    // itself, and never get ahead.
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
    // In this order, the system clock is never behind while it runs normally.
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
