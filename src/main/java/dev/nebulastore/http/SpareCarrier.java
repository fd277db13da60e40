package dev.nebulastore.http;

import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Adds a second carrier of virtual threads on a machine with one processor while loops run.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 11. A carrier runs all tasks of one
 * submission queue before it polls the next. While a loop keeps one queue from running empty, a
 * single carrier never reaches the threads that were woken through the other queues. A second
 * carrier does. It is not kept permanently: an event loop and a shard worker would run on two
 * carriers, and the two switches per request cost a third of a small request.
 *
 * <p>Threads: safe for all.
 */
final class SpareCarrier {

  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  /** How long it is kept after its last use. */
  static final long KEPT_NANOS = 1_000_000_000;

  private final IntConsumer carriers;
  private final LongSupplier nanoTime;
  private volatile boolean lent;
  private volatile long neededAt;

  /**
   * Creates a carrier that is not added yet.
   *
   * @param carriers sets the number of carriers
   */
  SpareCarrier(IntConsumer carriers, LongSupplier nanoTime) {
    this.carriers = carriers;
    this.nanoTime = nanoTime;
  }

  /**
   * That of this machine. It does nothing if there are several processors, or if {@value #CARRIERS}
   * is set.
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

  /** One that does nothing. */
  static SpareCarrier none() {
    return new SpareCarrier(_ -> {}, System::nanoTime);
  }

  /** Adds the carrier, or keeps it. */
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

  /** Removes the carrier if it was not needed for a second. */
  synchronized void takeBack() {
    if (lent && nanoTime.getAsLong() - neededAt >= KEPT_NANOS) {
      lent = false;
      carriers.accept(1);
    }
  }
}
