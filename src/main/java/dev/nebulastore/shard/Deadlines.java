package dev.nebulastore.shard;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the callers whose deadline has passed, by looking at all that wait, now and again. A timer
 * for each of them would cost a write to the disk a fifth of its processor time, and nearly none
 * ever goes off.
 *
 * <p>Threads: safe for all; a thread of its own looks, from the start to the stop.
 */
final class Deadlines {

  private static final Logger log = LoggerFactory.getLogger(Deadlines.class);

  /** How late a caller may be woken. */
  static final Duration LOOK = Duration.ofMillis(20);

  private static final int BITS = 14;
  private static final int SLOTS = 1 << BITS;
  private static final int PROBES = 8;
  private static final int SPREAD = 0x9E3779B9;

  private final Execution execution;
  private final AtomicReferenceArray<@Nullable PendingCommand> waiting =
      new AtomicReferenceArray<>(SLOTS);
  private volatile @Nullable Thread looking;

  // Confined to who looks.
  private @Nullable Throwable failedToWake;

  Deadlines(Execution execution) {
    this.execution = execution;
  }

  /** Begins to look. */
  void start() {
    Thread watcher = execution.watcher("deadlines", this::run);
    looking = watcher;
    watcher.start();
  }

  /** Looks no more: who still waits is woken, and waits for itself from then on. */
  void stop() {
    looking = null;
    for (int slot = 0; slot < SLOTS; slot++) {
      PendingCommand call = waiting.get(slot);
      if (call != null) {
        call.wake();
      }
    }
  }

  /** Whatever is thrown: those who wait rely on it. Should it end all the same, they are told. */
  private void run() {
    try {
      while (Thread.currentThread().equals(looking)) {
        try {
          look();
          execution.parkNanos(this, LOOK.toNanos());
        } catch (Throwable e) {
          goOn(e);
        }
      }
    } finally {
      if (Thread.currentThread().equals(looking)) {
        stop();
      }
    }
  }

  private void goOn(Throwable e) {
    try {
      log.error("The keeper of deadlines goes on after an error", e);
      execution.parkNanos(this, LOOK.toNanos());
    } catch (Throwable again) {
      // It goes on without a word, and without a pause.
    }
  }

  /** Wakes whose time is over. */
  void look() {
    for (int slot = 0; slot < SLOTS; slot++) {
      PendingCommand call = waiting.get(slot);
      if (call != null && call.overdue()) {
        try {
          call.wake();
        } catch (Throwable e) {
          // At the next look again; others must not wait for it.
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
   * Has the call's caller woken at its deadline.
   *
   * @return the slot to {@link #leave}, or -1 if the caller has to see to it itself: nobody looks,
   *     or all slots that were tried are taken
   */
  int enter(PendingCommand call, long thread) {
    if (looking == null) {
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

  /** The call waits no more. */
  void leave(int slot) {
    if (slot >= 0) {
      waiting.setRelease(slot, null);
    }
  }
}
