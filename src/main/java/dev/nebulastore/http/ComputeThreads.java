package dev.nebulastore.http;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * What requests may take of the processors: runs work that needs much time in one piece, such as
 * parsing a large body, on a few platform threads, and bounds loops on virtual threads by {@link
 * #slice slices}.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="9">The queue holds at most one piece of work for each admitted request, since every
 *                 caller waits for its own.
 *   <li value="11">A virtual thread keeps its carrier until it waits, and the shard workers run on
 *                  the same carriers. The system preempts a platform thread, so the workers keep
 *                  their share of the processors however long the work takes. Small work stays on
 *                  the caller's thread: moving it would cost more than it takes.
 *   <li value="13">There are few of these threads, so what the work needs beside its input is
 *                  needed only a few times at once.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class ComputeThreads implements AutoCloseable {

  /** Work on at most so many bytes runs on the caller's thread. */
  public static final int SMALL = 16 << 10;

  private final ExecutorService threads;
  private final SpareCarrier spare;
  private final LoopBudget loops;

  /**
   * Starts the threads.
   *
   * @param count how many pieces of work run at once, at least 1
   * @param spare is lent while loops use up slices
   */
  ComputeThreads(int count, SpareCarrier spare) {
    this.spare = spare;
    loops = new LoopBudget(Runtime.getRuntime().availableProcessors(), spare);
    threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("compute-", 0).factory());
  }

  /** One thread fewer than there are processors, and at least one. */
  public static ComputeThreads ofMachine() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    return new ComputeThreads(count, SpareCarrier.ofMachine());
  }

  /** Bounds a loop of the current thread, which shares the carriers with the loops of others. */
  public TimeSlice slice() {
    return new TimeSlice(loops);
  }

  /** Bounds a loop of the current thread that others don't hold back. */
  TimeSlice lonelySlice() {
    return new TimeSlice(new LoopBudget(1, spare));
  }

  /**
   * For a virtual thread that a platform thread has just started, with much to do: lets those run
   * that were woken by others.
   */
  public void giveWay() {
    spare.need();
    TimeSlice.leaveQueue();
  }

  /**
   * Does the work and returns its result; the caller waits meanwhile, also when it is interrupted.
   *
   * @param size how many bytes the work goes through
   * @param work must wait for no client and no disk; what it throws is thrown here
   */
  public <T extends @Nullable Object> T run(long size, Supplier<T> work) {
    return size <= SMALL ? work.get() : await(threads.submit(work::get));
  }

  private static <T extends @Nullable Object> T await(Future<T> result) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException | CancellationException e) {
      throw rethrown(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException rethrown(Exception thrown) {
    return switch (thrown.getCause()) {
      case RuntimeException failure -> failure;
      case Error error -> throw error;
      case null, default -> new IllegalStateException(thrown);
    };
  }

  /** Takes the spare carrier back once no loop needs it. */
  @Scheduled(fixedDelay = 1_000)
  void takeBackCarrier() {
    spare.takeBack();
  }

  /** Ends the threads once the work is done. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
