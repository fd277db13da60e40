package dev.nebulastore.supervision;

import java.time.Duration;

/**
 * Measures, from look to look, for how much of the elapsed time a worker could have run, and
 * whether any virtual thread runs at all.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="11">Only time in which the carriers ran the {@link Canary} counts against a worker.
 *                  A look that comes late counts for one interval: the whole process was stopped,
 *                  or had no processor.
 *   <li value="6">If all carriers are held, for example by workers in endless loops, the canary is
 *                 silent, too. Unlike a process that gets no processor, this one uses much
 *                 processor time meanwhile ({@link #HELD_CPU}). If threads that wait in native code
 *                 hold the carriers, it uses none; so a very long silence ({@link #HELD_LONG}),
 *                 while the supervisor looks regularly, means the same.
 * </ol>
 *
 * <p>Threads: guarded by its owner.
 */
final class CarrierWatch {

  /** Held after this many times {@code stuck-after} of processor time without an answer. */
  static final int HELD_CPU = 10;

  /** Held after this many times {@code stuck-after} of regular looks without an answer. */
  static final int HELD_LONG = 30;

  private final Carriers carriers;
  private final long interval;
  private final long stuckAfter;
  private long lastLook;
  private long lastRan;
  private long lastCpu;
  private long silentFor;
  private long silentCpu;
  private boolean held;

  /**
   * Watches these carriers from now on.
   *
   * @param now in nanoseconds
   */
  CarrierWatch(Carriers carriers, Duration interval, Duration stuckAfter, long now) {
    this.carriers = carriers;
    this.interval = interval.toNanos();
    this.stuckAfter = stuckAfter.toNanos();
    this.lastLook = now;
    this.lastRan = carriers.ranNanos();
    this.lastCpu = carriers.cpuNanos();
  }

  /** For how long a worker could have run since the last look, in nanoseconds. */
  long look(long now) {
    long elapsed = Math.min(now - lastLook, interval);
    long ran = carriers.ranNanos() - lastRan;
    long cpu = carriers.cpuNanos();
    lastLook = now;
    lastRan += ran;
    silentFor = ran > 0 ? 0 : silentFor + elapsed;
    silentCpu = ran > 0 ? 0 : silentCpu + (cpu - lastCpu);
    lastCpu = cpu;
    held =
        silentFor >= stuckAfter
            && (silentCpu >= HELD_CPU * stuckAfter || silentFor >= HELD_LONG * stuckAfter);
    return Math.min(elapsed, ran);
  }

  /** Whether the carriers ran no virtual thread, as of the last look. */
  boolean held() {
    return held;
  }
}
