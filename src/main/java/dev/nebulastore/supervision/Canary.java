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
 * A virtual thread that only answers: it is woken at regular intervals, as a worker is that gets a
 * command from a platform thread. While it answers, a worker that waits for a carrier gets one,
 * too.
 *
 * <p>An answer stands for one period. So when the carriers are late, because other load has the
 * processors, less time counts than has passed.
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
   * A canary that is not alive yet.
   *
   * @param unstarted creates a thread of the same kind as workers have
   * @param period the shortest time between two wake-ups
   */
  Canary(Function<Runnable, Thread> unstarted, Duration period) {
    this.unstarted = unstarted;
    this.periodNanos = period.toNanos();
  }

  /** Asks it for an answer, unless the last one is still outstanding. */
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

  /** Ends its thread; the next {@link #wake} starts another one. */
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
