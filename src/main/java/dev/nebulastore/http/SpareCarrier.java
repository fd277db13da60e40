package dev.nebulastore.http;

import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * A second carrier of virtual threads on a machine with one processor, for as long as loops need
 * it.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 11. A carrier runs all tasks of one
 * submission queue before it looks at the next. While a loop keeps such a queue from running dry, a
 * single carrier never reaches the threads that are woken through the others; a second one does. It
 * is not there all the time, because then an event loop and a shard worker run on two carriers and
 * each request switches between them twice, which costs a third of a small request.
 *
 * <p>Threads: safe for all.
 */
final class SpareCarrier {

  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  /** How long it stays after it was last needed. */
  static final long KEPT_NANOS = 1_000_000_000;

  private final IntConsumer carriers;
  private final LongSupplier nanoTime;
  private volatile boolean lent;
  private volatile long neededAt;

  /**
   * Not lent yet.
   *
   * @param carriers sets how many there are
   */
  SpareCarrier(IntConsumer carriers, LongSupplier nanoTime) {
    this.carriers = carriers;
    this.nanoTime = nanoTime;
  }

  /**
   * Of this machine. It does nothing if there are more processors, or if a setting says how many.
   */
  static SpareCarrier ofMachine() {
    boolean single =
        Runtime.getRuntime().availableProcessors() == 1 && System.getProperty(CARRIERS) == null;
    var scheduler =
        single ? ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class) : null;
    return scheduler == null
        ? none()
        : new SpareCarrier(scheduler::setParallelism, System::nanoTime);
  }

  /** Where there is none to lend. */
  static SpareCarrier none() {
    return new SpareCarrier(_ -> {}, System::nanoTime);
  }

  /** Lends it, or keeps it lent. */
  void need() {
    neededAt = nanoTime.getAsLong();
    if (!lent) {
      lend();
    }
  }

  private synchronized void lend() {
    if (!lent) {
      carriers.accept(2);
      lent = true;
    }
  }

  /** Takes it back once it was not needed for a while. */
  synchronized void takeBack() {
    if (lent && nanoTime.getAsLong() - neededAt >= KEPT_NANOS) {
      lent = false;
      carriers.accept(1);
    }
  }
}
