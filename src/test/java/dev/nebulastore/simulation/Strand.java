package dev.nebulastore.simulation;

import java.lang.reflect.Constructor;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread whose steps are run by a {@link Scheduler}. Whenever it can run, it passes the
 * scheduler its continuation, which runs up to the next place where it waits.
 *
 * <p>The JDK sets another scheduler for virtual threads only through a constructor that is not
 * public, so the tests open {@code java.lang}.
 *
 * <p>Threads: confined to the thread of the scheduler.
 */
final class Strand implements Executor {

  private static final Constructor<?> BUILDER = builder();

  final int number;
  final String name;
  final Thread thread;

  /** When to wake it; {@link Scheduler#NEVER} if it is not to be woken. */
  long wakeAt = Scheduler.NEVER;

  /** Since when it has been ready to run, if it is. */
  long readySince;

  /** The total time in which it was ready while others ran, or was held by a fault. */
  long delayed;

  /** The thread with the greatest weight runs first, if the scheduler uses weights. */
  int weight;

  private final Scheduler scheduler;
  private @Nullable Runnable rest;

  Strand(Scheduler scheduler, int number, String name, Runnable task) {
    this.scheduler = scheduler;
    this.number = number;
    this.name = name;
    try {
      this.thread = ((Thread.Builder.OfVirtual) BUILDER.newInstance(this)).unstarted(task);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Can't create a virtual thread for the simulation", e);
    }
    thread.setName(name);
  }

  private static Constructor<?> builder() {
    try {
      Constructor<?> builder =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      builder.setAccessible(true);
      return builder;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("This JDK supports no other scheduler for virtual threads", e);
    }
  }

  @Override
  public void execute(Runnable work) {
    rest = work;
    scheduler.ready(this);
  }

  /** Runs up to the next place where it waits. */
  void step() {
    Runnable work = rest;
    if (work == null) {
      throw new IllegalStateException(name + " has nothing to do");
    }
    rest = null;
    work.run();
  }

  boolean isWorker() {
    return name.startsWith("shard-");
  }

  /** Whether faults may end it with an error: it is a worker, the resizer, or a client. */
  boolean mayDie() {
    return isWorker() || name.equals("resizer") || name.startsWith("client-");
  }

  /** The name and the top of the stack. */
  @Override
  public String toString() {
    return Stream.of(thread.getStackTrace())
        .map(StackTraceElement::toString)
        .filter(frame -> frame.startsWith("dev.nebulastore") && !frame.contains("simulation"))
        .limit(4)
        .collect(Collectors.joining(", ", name + " at ", ""));
  }
}
