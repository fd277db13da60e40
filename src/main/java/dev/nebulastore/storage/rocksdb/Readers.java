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
 * A few platform threads that read what memory does not hold.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. Each read is answered once,
 * whatever it or the hand-over throws, also an Error: who waits for it would wait for ever. What an
 * answer takes beyond the value is small, or made before.
 *
 * <p>Threads: safe for all.
 */
final class Readers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Readers.class);

  /** What is done on a reader's thread. */
  interface Reading<T> {
    T read() throws RocksDBException;
  }

  /** Is told what was read, or what was thrown instead; returns at once. */
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

  /** With all threads at once: there may be no memory for one later. */
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

  /** Reads, and tells what it found: on a reader's thread, or at once if none takes it. */
  <T> void begin(Reading<T> reading, Reader<T> reader) {
    try {
      threads.execute(() -> answer(reading, reader));
    } catch (Throwable e) {
      reader.failed(e);
    }
  }

  /** Nothing comes out of it: it would cost the thread. */
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
      // There is nobody left to be told.
    }
  }

  /**
   * Reads, and waits for what it finds. It is a {@link FutureTask}, since that takes no memory to
   * end with an Error, as a CompletableFuture does.
   *
   * @param failure makes what is thrown of what the reading threw
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
