package dev.nebulastore.storage.rocksdb;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few platform threads that read from the disk.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. Each read is answered exactly
 * once, whatever is thrown, also an Error: otherwise its caller would wait for ever. The memory
 * that an answer takes beyond the value is small, or allocated before.
 *
 * <p>Threads: safe for all.
 */
final class Readers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Readers.class);

  /** What runs on a reader's thread. */
  interface Reading<T> {
    T read() throws RocksDBException;
  }

  /** Receives what was read, or what was thrown instead; returns at once. */
  interface Reader<T> {
    void found(T found);

    void failed(Throwable e);
  }

  /**
   * The page cache takes some 10 µs, a solid-state disk 100 to 300 µs, other disks milliseconds.
   */
  private static final long FAST_NANOS = 500_000;

  /** An average over about 16 reads: a slow one is noticed at once. */
  private static final int AVERAGE_SHIFT = 4;

  private final ThreadPoolExecutor threads;
  private final LongSupplier nanoTime;
  private final AtomicLong average = new AtomicLong();

  /** Starts all threads at once: there may be no memory for one later. */
  Readers(int count, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("rocksdb-reader-", 0).factory());
    var _ = threads.prestartAllCoreThreads();
  }

  /** Whether reads have taken little time recently. */
  boolean areFast() {
    return average.get() < FAST_NANOS;
  }

  /** Two readers may overwrite each other's part in the average, which is no harm. */
  private void count(long nanos) {
    long before = average.get();
    average.set(before + ((nanos - before) >> AVERAGE_SHIFT));
  }

  /** Reads on one of the threads, and answers there; or fails at once if none takes it. */
  <T> void begin(Reading<T> reading, Reader<T> reader) {
    try {
      threads.execute(() -> answer(reading, reader));
    } catch (Throwable e) {
      reader.failed(e);
    }
  }

  /** Never throws: that would end the thread. */
  private <T> void answer(Reading<T> reading, Reader<T> reader) {
    try {
      T found;
      try {
        long began = nanoTime.getAsLong();
        found = reading.read();
        count(nanoTime.getAsLong() - began);
      } catch (Throwable e) {
        reader.failed(e);
        return;
      }
      reader.found(found);
    } catch (Throwable e) {
      logQuietly(e);
    }
  }

  private static void logQuietly(Throwable e) {
    try {
      log.error("A read could not be answered", e);
    } catch (Throwable again) {
      // It could not even be logged.
    }
  }

  /**
   * Reads on one of the threads, and waits for the result. A {@link FutureTask} allocates nothing
   * when it ends with an Error, unlike a CompletableFuture.
   *
   * @param failure turns what the reading threw into what is thrown
   */
  <T> T await(Reading<T> reading, Function<Throwable, RuntimeException> failure) {
    FutureTask<T> task = new FutureTask<>(reading::read);
    boolean interrupted = false;
    try {
      threads.execute(task);
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw failure.apply(task.exceptionNow());
    } catch (Throwable e) {
      throw failure.apply(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
