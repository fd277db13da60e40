package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Write;
import dev.nebulastore.time.Execution;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the engine has committed all parts of one transaction.
 *
 * <p>Threads: counted down by threads of the engine, awaited by the transaction's.
 */
final class CommitLatch {

  private final Execution execution;
  private final Thread caller = Thread.currentThread();
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile @Nullable ShardFailure failure;
  private int lastShard = ShardFailure.NO_SHARD;

  /** For the current thread. */
  CommitLatch(Execution execution) {
    this.execution = execution;
  }

  /** Creates the part of one shard, for whose commit it waits. */
  Batch expect(int shard, List<Write> writes, List<Change> changes, ChangeListener listener) {
    outstanding.incrementAndGet();
    lastShard = shard;
    return new Batch() {
      @Override
      public List<Write> writes() {
        return writes;
      }

      // Nobody passes a transaction on, so it makes no difference.
      @Override
      public void accepted() {}

      @Override
      public void committed() {
        try {
          if (!changes.isEmpty()) {
            listener.committed(shard, changes);
          }
        } finally {
          countDown();
        }
      }

      @Override
      public void failed(ShardFailure cause) {
        failure = cause;
        countDown();
      }

      @Override
      public void uncertain() {
        listener.uncertain(shard, changes);
      }
    };
  }

  /** The engine has accepted none of the parts. */
  void reset() {
    outstanding.set(0);
  }

  private void countDown() {
    if (outstanding.decrementAndGet() == 0) {
      LockSupport.unpark(caller);
    }
  }

  /**
   * Waits until all parts are committed.
   *
   * @param until the {@link Execution#nanoTime} at which it gives up
   * @throws ShardFailure if they are not, or perhaps not
   */
  void await(long until) {
    boolean interrupted = false;
    while (outstanding.get() > 0) {
      long left = until - execution.nanoTime();
      if (left <= 0) {
        throw new OutcomeUnknown(lastShard);
      }
      execution.parkNanos(this, left);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      caller.interrupt();
    }
    ShardFailure why = failure;
    if (why != null) {
      throw why;
    }
  }
}
