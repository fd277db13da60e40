package dev.nebulastore.simulation;

import java.lang.reflect.Constructor;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A virtual thread whose steps are run by a {@link Scheduler}: whenever it can go on it hands in
 * the rest of its work, up to the next place where it waits.
 *
 * <p>The JDK gives virtual threads to another scheduler only through a constructor that it keeps to
 * itself, so the tests open {@code java.lang}.
 *
 * <p>Threads: confined to the scheduler's.
 */
final class Strand implements Executor {

  private static final Constructor<?> BUILDER = builder();

  final int number;
  final String name;
  final Thread thread;

  /** When it is to be woken; {@link Scheduler#NEVER} for not at all. */
  long wakeAt = Scheduler.NEVER;

  /** Since when it could go on, if it can. */
  long readySince;

  /** For how long altogether it could have gone on and others did, or was held by a fault. */
  long delayed;

  /** Who has more of it runs first, where the scheduler goes by that. */
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
      throw new LinkageError("No virtual thread for a simulation", e);
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
      throw new LinkageError("This JDK gives virtual threads to no other scheduler", e);
    }
  }

  @Override
  public void execute(Runnable work) {
    rest = work;
    scheduler.ready(this);
  }

  /** Goes on up to the next place where it waits. */
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

  /** Whether what it calls may throw anything: one that others wait for, or who is answered. */
  boolean mayDie() {
    return isWorker() || name.equals("resizer") || name.startsWith("client-");
  }

  /** The name, and where it is. */
  @Override
  public String toString() {
    return Stream.of(thread.getStackTrace())
        .map(StackTraceElement::toString)
        .filter(frame -> frame.startsWith("dev.nebulastore") && !frame.contains("simulation"))
        .limit(4)
        .collect(Collectors.joining(", ", name + " at ", ""));
  }
}
