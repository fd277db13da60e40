package dev.nebulastore.supervision;

/**
 * What is known of the threads that carry the virtual ones, the workers among them.
 *
 * <p>Threads: safe for all.
 */
interface Carriers {

  /** For how long they have run whoever was woken, in nanoseconds; only grows. */
  long ranNanos();

  /** The processor time that the process has had, in nanoseconds; only grows. */
  long cpuNanos();
}
