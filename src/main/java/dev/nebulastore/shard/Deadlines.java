package dev.nebulastore.shard;

import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes callers whose deadline has passed, by checking all that wait at regular intervals. A timer
 * for each would cost a write to disk a fifth of its processor time, and hardly any ever expires.
 *
 * <p>Threads: safe for all; a thread of its own checks, from the start to the stop.
 */
final class Deadlines {

  private static final Logger log = LoggerFactory.getLogger(Deadlines.class);

  /** The time between two checks, and so how late a caller may be woken. */
  static final Duration INTERVAL = Duration.ofMillis(20);

  private static final int BITS = 14;
  private static final int SLOTS = 1 << BITS;
  private static final int PROBES = 8;
  private static final int SPREAD = 0x9E3779B9;

  private final Execution execution;
  private final AtomicReferenceArray<@Nullable PendingCommand> waiting =
      new AtomicReferenceArray<>(SLOTS);
  private volatile @Nullable Thread checking;

  // Confined to the thread that checks.
  private @Nullable Throwable failedToWake;

  Deadlines(Execution execution) {
    this.execution = execution;
  }

  /** Begins to check. */
  void start() {
    Thread watcher = execution.platformThread("deadlines", this::run);
    checking = watcher;
    watcher.start();
  }

  /**
   * Stops checking. Callers that still wait are woken, and use timers of their own from then on.
   */
  void stop() {
    checking = null;
    for (int slot = 0; slot < SLOTS; slot++) {
      PendingCommand call = waiting.get(slot);
      if (call != null) {
        call.wake();
      }
    }
  }

  /**
   * Continues whatever is thrown, since callers rely on it. If it ends nevertheless, it wakes them.
   */
  private void run() {
    try {
      while (Thread.currentThread().equals(checking)) {
        try {
          check();
          execution.parkNanos(this, INTERVAL.toNanos());
        } catch (Throwable e) {
          goOn(e);
        }
      }
    } finally {
      if (Thread.currentThread().equals(checking)) {
        stop();
      }
    }
  }

  private void goOn(Throwable e) {
    try {
      log.error("The watcher of deadlines continues after an error", e);
      execution.parkNanos(this, INTERVAL.toNanos());
    } catch (Throwable again) {
      // It continues without a log message, and without a pause.
    }
  }

  /** Wakes the callers whose deadline has passed. */
  void check() {
    for (int slot = 0; slot < SLOTS; slot++) {
      PendingCommand call = waiting.get(slot);
      if (call != null && call.overdue()) {
        try {
          call.wake();
        } catch (Throwable e) {
          // The next check tries again; others must not wait for this one.
          failedToWake = e;
        }
      }
    }
    Throwable e = failedToWake;
    failedToWake = null;
    if (e != null) {
      log.error("A caller could not be woken at its deadline; it is tried again", e);
    }
  }

  /**
   * Has the caller of a command woken at its deadline.
   *
   * @return the slot to {@link #leave}, or -1 if the caller has to set a timer: nobody checks, or
   *     all slots that were tried are taken
   */
  int enter(PendingCommand call, long thread) {
    if (checking == null) {
      return -1;
    }
    int slot = (int) thread * SPREAD;
    for (int probe = 0; probe < PROBES; probe++) {
      int index = slot >>> (Integer.SIZE - BITS);
      if (waiting.get(index) == null && waiting.compareAndSet(index, null, call)) {
        return index;
      }
      slot += SPREAD;
    }
    return -1;
  }

  /** The caller waits no longer. */
  void leave(int slot) {
    if (slot >= 0) {
      waiting.setRelease(slot, null);
    }
  }
}
