package dev.nebulastore.supervision;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * A virtual thread that does nothing but answer: it is woken again and again as a worker is that is
 * called from a platform thread. While it answers, a worker that waits for a carrier gets one, too.
 *
 * <p>An answer stands for one period. So where carriers take long to come to it, because the
 * processors are with others, less time counts than has passed.
 *
 * <p>Threads: {@link #wake} by one platform thread; the counters are read by anyone.
 */
final class Canary implements Carriers {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Function<Runnable, Thread> unstarted;
  private final long periodNanos;
  private final AtomicLong answers = new AtomicLong();
  private @Nullable Thread thread;
  private volatile boolean asked;
  private volatile boolean stopping;

  /**
   * One that does not live yet.
   *
   * @param unstarted makes a thread as workers have
   * @param period how often it is woken at most
   */
  Canary(Function<Runnable, Thread> unstarted, Duration period) {
    this.unstarted = unstarted;
    this.periodNanos = period.toNanos();
  }

  /** Asks it for a sign of life, unless it still owes the last one. */
  @Scheduled(fixedDelayString = "#{@canaryPeriod}", scheduler = ShardSupervisor.SCHEDULER)
  void wake() {
    Thread last = thread;
    boolean lives = last != null && last.isAlive();
    if (lives && asked) {
      return;
    }
    asked = true;
    if (lives) {
      LockSupport.unpark(last);
    } else {
      stopping = false;
      Thread next = unstarted.apply(this::live);
      thread = next;
      next.start();
    }
  }

  private void live() {
    while (!stopping) {
      if (asked) {
        answers.incrementAndGet();
        asked = false;
      }
      LockSupport.park(this);
    }
  }

  /** Ends it, until it is woken again. */
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  @Override
  public long ranNanos() {
    return answers.get() * periodNanos;
  }

  @Override
  public long cpuNanos() {
    return SYSTEM.getProcessCpuTime();
  }
}
