package dev.nebulastore.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one caller takes at this moment, within its {@link CallerLimits}. Each request closes it
 * once.
 *
 * <p>The rate is that of the generic cell rate algorithm (ITU-T I.371, annex A), with a burst of
 * one second: a caller that was idle may begin the requests of a second at once.
 *
 * <p>Threads: safe for all; what concerns requests is confined to the map of the limits.
 */
public final class CallerUsage implements AutoCloseable {

  /** Of a caller without limits. */
  public static final CallerUsage UNLIMITED =
      new CallerUsage(CallerMaximum.NONE, 0, () -> {}, () -> {});

  private static final long BURST = TimeUnit.SECONDS.toNanos(1);

  private final CallerMaximum max;
  private final Runnable onEnd;
  private final Runnable onRefusal;
  private final AtomicInteger watchers = new AtomicInteger();
  private final AtomicLong content = new AtomicLong();

  // Guarded by the map's entry.
  private int requests;
  // When the rate is back at zero.
  private long idleAt;

  /**
   * Creates the usage of a caller who takes nothing.
   *
   * @param now by the clock of the limits
   * @param onEnd runs when a request ends
   * @param onRefusal runs when a watcher is refused
   */
  CallerUsage(CallerMaximum max, long now, Runnable onEnd, Runnable onRefusal) {
    this.max = max;
    this.idleAt = now;
    this.onEnd = onEnd;
    this.onRefusal = onRefusal;
  }

  void enter(long now) {
    if (max.requests() > 0 && requests >= max.requests()) {
      throw Overloaded.byCaller(
          max.requests() + " requests in flight", "requests", Overloaded.RETRY_AFTER);
    }
    if (max.requestsPerSecond() > 0) {
      long from = idleAt - now > 0 ? idleAt : now;
      long next = from + BURST / max.requestsPerSecond();
      long wait = next - now - BURST;
      if (wait > 0) {
        throw Overloaded.byCaller(
            max.requestsPerSecond() + " requests a second",
            "requests-per-second",
            Duration.ofNanos(wait));
      }
      idleAt = next;
    }
    requests++;
  }

  void leave() {
    requests--;
  }

  /** Whether nothing of it is worth keeping. */
  boolean isIdle(long now) {
    return requests == 0 && idleAt - now <= 0;
  }

  /**
   * Begins to wait for changes, until the result is closed.
   *
   * @throws Overloaded if the caller has reached its limit
   */
  public Watch watch() {
    if (max.watchers() == 0) {
      return () -> {};
    }
    if (watchers.incrementAndGet() > max.watchers()) {
      watchers.decrementAndGet();
      onRefusal.run();
      throw Overloaded.byCaller(max.watchers() + " watchers", "watchers", Overloaded.RETRY_AFTER);
    }
    return watchers::decrementAndGet;
  }

  /** A wait for changes. */
  @FunctionalInterface
  public interface Watch extends AutoCloseable {
    /** Ends it. */
    @Override
    void close();
  }

  /** Counts bytes of content; false, and nothing is counted, if the limit is reached. */
  boolean tryTake(long bytes) {
    if (max.contentMemory() == 0 || content.addAndGet(bytes) <= max.contentMemory()) {
      return true;
    }
    content.addAndGet(-bytes);
    return false;
  }

  /** Counts bytes of content less. */
  void give(long bytes) {
    if (max.contentMemory() > 0) {
      content.addAndGet(-bytes);
    }
  }

  /** Ends a request. */
  @Override
  public void close() {
    onEnd.run();
  }
}
