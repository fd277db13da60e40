package dev.nebulastore.simulation;

import dev.nebulastore.time.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs virtual threads on the thread that calls {@link #run}, one step of one thread at a time. A
 * seed selects the next thread and the duration of each step. When no thread can run, the time
 * advances to the earliest time at which one wakes up.
 *
 * <p>The next thread is drawn at random from those that can run, or is the one with the greatest
 * weight, where weights change now and then. The former lets all threads advance alike, the latter
 * delays some of them for a long time.
 *
 * <p>Threads: confined to one thread.
 */
final class Scheduler implements Execution {

  static final long NEVER = Long.MAX_VALUE;

  private static final long MAX_STEPS = 200_000;
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  /** No thread can run any more, the threads run forever, or one of them failed. */
  static final class Endless extends RuntimeException {
    Endless(String message) {
      super(message, null, false, false);
    }
  }

  private final RandomGenerator random;
  private final int stepNanos;
  private final boolean weighted;
  private final List<Strand> alive = new ArrayList<>();

  /** Sorted by number, so that the order does not depend on the order of events within a step. */
  private final List<Strand> ready = new ArrayList<>();

  private @Nullable Strand running;
  private int made;
  private long now;
  private long soonest = NEVER;
  private long steps;
  private long trace;
  private @Nullable Throwable failure;

  /**
   * Creates a scheduler without threads.
   *
   * @param stepNanos the limit of the duration of a step
   */
  Scheduler(RandomGenerator random, int stepNanos) {
    this.random = random;
    this.stepNanos = stepNanos;
    this.weighted = random.nextBoolean();
    // Does not start at 0, since callers must not rely on the absolute time.
    this.now = random.nextLong(1, 1L << 40);
  }

  @Override
  public Thread virtualThread(String name, Runnable task) {
    return strand(name, task).thread;
  }

  /** The thread does nothing: callers that wait for less than a second use timers of their own. */
  @Override
  public Thread platformThread(String name, Runnable task) {
    return strand(name, () -> {}).thread;
  }

  /** Starts a thread. What it throws ends the simulation, unless it is a worker. */
  void start(String name, Runnable task) {
    strand(name, task).thread.start();
  }

  private Strand strand(String name, Runnable task) {
    Strand[] made = new Strand[1];
    Strand strand = new Strand(this, this.made++, name, () -> live(made[0], task));
    made[0] = strand;
    strand.weight = random.nextInt();
    return strand;
  }

  private void live(Strand strand, Runnable task) {
    alive.add(strand);
    try {
      task.run();
    } catch (Throwable e) {
      if (!strand.isWorker()) {
        failure = e;
      }
    } finally {
      alive.remove(strand);
    }
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void parkNanos(Object blocker, long nanos) {
    Strand me = running();
    if (nanos > 0) {
      me.wakeAt = now + nanos;
      soonest = Math.min(soonest, me.wakeAt);
      LockSupport.park(blocker);
      me.wakeAt = NEVER;
    }
  }

  /** Makes the running thread wait for this long, even if it is unparked or interrupted. */
  void hold(long nanos) {
    Strand me = running();
    long until = now + nanos;
    boolean interrupted = false;
    while (now < until) {
      parkNanos(this, until - now);
      interrupted |= Thread.interrupted();
    }
    me.delayed += nanos;
    if (interrupted) {
      me.thread.interrupt();
    }
  }

  /** Whether the caller is one of these threads, and not the one that runs them. */
  boolean isRunning() {
    return running != null;
  }

  /** The thread that is running. */
  Strand running() {
    Strand strand = running;
    if (strand == null) {
      throw new IllegalStateException("No thread is running");
    }
    return strand;
  }

  long steps() {
    return steps;
  }

  /** A hash of all steps, which differs if any step differs. */
  long trace() {
    return trace;
  }

  /** Adds a number to the trace. */
  void mark(long what) {
    trace = (trace ^ what) * PRIME;
    trace ^= trace >>> 29;
  }

  void ready(Strand strand) {
    strand.readySince = now;
    int at = ready.size();
    while (at > 0 && ready.get(at - 1).number > strand.number) {
      at--;
    }
    ready.add(at, strand);
  }

  /**
   * Runs the threads until a condition holds.
   *
   * @throws Endless if it never holds
   */
  void run(BooleanSupplier until) {
    while (!until.getAsBoolean()) {
      if (ready.isEmpty()) {
        if (soonest == NEVER) {
          throw new Endless("all threads wait forever: " + alive);
        }
        now = Math.max(now, soonest);
        wake();
        continue;
      }
      Strand next = choose();
      mark(next.number);
      next.delayed += now - next.readySince;
      running = next;
      next.step();
      running = null;
      now += random.nextInt(stepNanos);
      if (now >= soonest) {
        wake();
      }
      end();
    }
  }

  private void end() {
    if (failure != null) {
      throw new Endless("a thread that others wait for failed: " + failure);
    }
    if (++steps > MAX_STEPS) {
      throw new Endless("no end after " + MAX_STEPS + " steps: " + alive);
    }
  }

  /** Runs the threads until all have ended. */
  void runOut() {
    run(() -> alive.isEmpty() && ready.isEmpty());
  }

  private Strand choose() {
    int size = ready.size();
    int at = size == 1 ? 0 : random.nextInt(size);
    if (weighted && size > 1 && random.nextInt(16) != 0) {
      for (int i = 0; i < size; i++) {
        at = ready.get(i).weight > ready.get(at).weight ? i : at;
      }
    }
    Strand chosen = ready.remove(at);
    if (random.nextInt(64) == 0) {
      chosen.weight = random.nextInt();
    }
    return chosen;
  }

  /** Wakes the threads whose waiting time has elapsed. */
  private void wake() {
    soonest = NEVER;
    for (int i = 0; i < alive.size(); i++) {
      Strand strand = alive.get(i);
      if (strand.wakeAt <= now) {
        long due = strand.wakeAt;
        strand.wakeAt = NEVER;
        LockSupport.unpark(strand.thread);
        strand.readySince = Math.min(strand.readySince, due);
      } else {
        soonest = Math.min(soonest, strand.wakeAt);
      }
    }
  }
}
