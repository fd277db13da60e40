package dev.nebulastore.storage.rocksdb;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.rocksdb.RocksDBException;

/**
 * A platform thread that waits for the disk, so that no virtual thread holds its carrier meanwhile.
 *
 * <p>Threads: safe for all; one call after the other.
 */
final class DiskThread implements AutoCloseable {

  /** What may wait for the disk. */
  interface DiskCall {
    void call() throws RocksDBException;
  }

  private final ExecutorService thread;

  DiskThread(String name) {
    thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  /** Has it done, and comes back when it is. */
  void call(DiskCall call) throws RocksDBException {
    Future<?> done =
        thread.submit(() -> {
          call.call();
          return null;
        });
    boolean interrupted = false;
    try {
      while (true) {
        try {
          done.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RocksDBException rethrown(ExecutionException thrown) {
    return switch (thrown.getCause()) {
      case RocksDBException failure -> failure;
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      case null, default -> throw new IllegalStateException(thrown);
    };
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
