package dev.nebulastore.storage.rocksdb;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;

/**
 * A platform thread that waits for the disk, so that no virtual thread holds its carrier meanwhile.
 *
 * <p>Threads: safe for all; one call after the other.
 */
final class DiskThread implements DiskCalls {

  private static final long RETRY_NANOS = 1_000_000;

  private final ThreadPoolExecutor thread;

  /** Starts its thread at once: there may be no memory for one later. */
  DiskThread(String name) {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name(name).factory());
    var _ = thread.prestartAllCoreThreads();
  }

  @Override
  public void call(DiskCall call) throws RocksDBException {
    Future<?> done =
        thread.submit(() -> {
          call.call();
          return null;
        });
    awaitEnd(done);
    if (done.state() == Future.State.FAILED) {
      throw rethrown(done.exceptionNow());
    }
  }

  /** Waits whatever happens: a running call must not be taken for an ended one. */
  private static void awaitEnd(Future<?> done) {
    boolean interrupted = false;
    while (!done.isDone()) {
      try {
        done.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        break;
      } catch (OutOfMemoryError e) {
        // There is no memory to wait, or to say how it ended.
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RocksDBException rethrown(Throwable thrown) {
    return switch (thrown) {
      case RocksDBException failure -> failure;
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      default -> throw new IllegalStateException(thrown);
    };
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
