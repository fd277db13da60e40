package dev.nebulastore.supervision;

import java.time.Duration;

/**
 * Judges, from look to look, how much of the time that has passed a worker could have used, and
 * whether anybody runs at all.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="11">A worker may be blamed for time in which the carriers ran the {@link Canary},
 *                  and for no other. A look that comes late counts for one interval: the process
 *                  was stopped, or had no processor, as a whole.
 *   <li value="6">If all carriers are held, by workers in endless loops for instance, the canary is
 *                 silent, too. That differs from a process that gets no processor: this one uses
 *                 much processor time meanwhile ({@link #HELD_CPU}). Where the carriers are held by
 *                 what waits in native code, it uses none; so silence for very long ({@link
 *                 #HELD_LONG}), while the supervisor looks regularly, says the same.
 * </ol>
 *
 * <p>Threads: guarded by its owner.
 */
final class CarrierWatch {

  /** So many times stuck-after of processor time without a sign of life mean held. */
  static final int HELD_CPU = 10;

  /** So many times stuck-after of regular looks without a sign of life mean held, too. */
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
   * Of these, from now on.
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

  /** Of the time since the last look, what a worker could have used, in nanoseconds. */
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

  /** Whether the carriers run nobody, as of the last look. */
  boolean held() {
    return held;
  }
}
