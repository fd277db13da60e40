package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Write;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the engine says of the parts of one transaction.
 *
 * <p>Threads: told by threads of the engine, awaited by the transaction's.
 */
final class CommitLatch {

  private final Execution execution;
  private final Thread caller = Thread.currentThread();
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile @Nullable ShardFailure failure;
  private int lastShard = ShardFailure.NO_SHARD;

  /** Of the current thread. */
  CommitLatch(Execution execution) {
    this.execution = execution;
  }

  /** One more part to be settled. */
  Batch expect(int shard, List<Write> writes, List<Change> changes, ChangeListener listener) {
    outstanding.incrementAndGet();
    lastShard = shard;
    return new Batch() {
      @Override
      public List<Write> writes() {
        return writes;
      }

      // Whose it is makes no difference: nobody passes a transaction on.
      @Override
      public void accepted() {}

      @Override
      public void committed() {
        try {
          if (!changes.isEmpty()) {
            listener.committed(shard, changes);
          }
        } finally {
          settled();
        }
      }

      @Override
      public void failed(ShardFailure cause) {
        failure = cause;
        settled();
      }

      @Override
      public void uncertain() {
        listener.uncertain(shard, changes);
      }
    };
  }

  /** The engine took none of the parts. */
  void forget() {
    outstanding.set(0);
  }

  private void settled() {
    if (outstanding.decrementAndGet() == 0) {
      LockSupport.unpark(caller);
    }
  }

  /**
   * Waits until all parts are committed.
   *
   * @param until a {@link Execution#nanoTime} at which nobody waits any more
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
