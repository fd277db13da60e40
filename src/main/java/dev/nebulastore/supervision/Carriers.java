package dev.nebulastore.supervision;

/**
 * What is known of the carrier threads, which run the virtual threads of the workers.
 *
 * <p>Threads: safe for all.
 */
interface Carriers {

  /** The time in which they ran woken threads, in nanoseconds; only grows. */
  long ranNanos();

  /** The processor time that the process has used, in nanoseconds; only grows. */
  long cpuNanos();
}
