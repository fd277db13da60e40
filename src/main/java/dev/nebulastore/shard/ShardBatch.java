package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writes that a worker submits to the engine at once, with the commands to answer and the
 * changes to tell when they are committed.
 *
 * <p>Threads: filled by the worker alone, until it is submitted; then read by the engine, and not
 * changed any more.
 */
final class ShardBatch implements Batch {

  private final int shard;
  private final Stage decided;
  private final ChangeListener listener;
  private final List<Write> writes = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<PendingCommand> calls = new ArrayList<>();
  private volatile boolean accepted;

  ShardBatch(int shard, Stage decided, ChangeListener listener) {
    this.shard = shard;
    this.decided = decided;
    this.listener = listener;
  }

  void add(Write write, List<Change> made) {
    writes.add(write);
    changes.addAll(made);
  }

  /** Answers the command, which is decided, when this batch is committed or has failed. */
  void add(PendingCommand call) {
    calls.add(call);
  }

  /** The batch to fill next: this one, if it is empty. */
  ShardBatch next() {
    return isEmpty() ? this : new ShardBatch(shard, decided, listener);
  }

  boolean isEmpty() {
    return calls.isEmpty() && writes.isEmpty();
  }

  /** Whether the engine has accepted it. Final for a caller that has fenced the worker's store. */
  boolean isAccepted() {
    return accepted;
  }

  @Override
  public List<Write> writes() {
    return writes;
  }

  @Override
  public void accepted() {
    accepted = true;
  }

  @Override
  public void committed() {
    try {
      if (!changes.isEmpty()) {
        listener.committed(shard, changes);
      }
    } finally {
      settle(null);
    }
  }

  @Override
  public void failed(ShardFailure failure) {
    settle(failure);
  }

  /** Answers each command, even when the caller of another one can't be notified. */
  private void settle(@Nullable ShardFailure failure) {
    Throwable thrown = null;
    for (int i = 0; i < calls.size(); i++) {
      PendingCommand call = calls.get(i);
      try {
        if (failure == null) {
          call.answerAsDecided(decided);
        } else {
          var _ = call.fail(decided, failure);
        }
      } catch (Throwable e) {
        thrown = e;
      }
    }
    switch (thrown) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      case null, default -> {}
    }
  }

  @Override
  public void uncertain() {
    listener.uncertain(shard, changes);
  }
}
