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
 * Limits what requests take of the processors: runs long work, such as parsing a large body, on a
 * few platform threads, and limits loops on virtual threads by {@link #slice slices}.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="9">Callers wait for their work, so the queue holds at most one piece of work for
 *                 each admitted request.
 *   <li value="11">A virtual thread keeps its carrier until it waits, and the shard workers run on
 *                  the same carriers. The operating system preempts a platform thread, so the
 *                  workers keep their share of the processors however long the work takes. Small
 *                  work stays on the caller's thread, since moving it costs more than doing it.
 *   <li value="13">There are few of these threads, so the memory that the work needs in addition to
 *                  its input is needed only a few times at once.
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
   * @param count the number of threads, at least 1
   * @param spare the carrier that is added while loops use up their slices
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

  /** Begins a slice of a loop that shares the budget of all loops. */
  public TimeSlice slice() {
    return new TimeSlice(loops);
  }

  /** Begins a slice of a loop with a budget of its own. */
  public TimeSlice lonelySlice() {
    return new TimeSlice(new LoopBudget(1, spare));
  }

  /**
   * Lets threads run that were woken through other submission queues. For a virtual thread that a
   * platform thread has just started and that has much to do.
   */
  public void giveWay() {
    spare.need();
    TimeSlice.leaveQueue();
  }

  /**
   * Runs work and returns its result. The caller waits, even when it is interrupted.
   *
   * @param size how many bytes the work processes
   * @param work must not wait for a client or a disk; what it throws is thrown to the caller
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

  /** Removes the spare carrier once no loop needs it. */
  @Scheduled(fixedDelay = 1_000)
  void takeBackCarrier() {
    spare.takeBack();
  }

  /** Stops the threads after the work that was submitted. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
