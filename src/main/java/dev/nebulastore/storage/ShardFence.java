package dev.nebulastore.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.ShardStore.FencedException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The generation of a shard's worker that may change its store, and the last revision of the shard.
 * All engines keep these in the same way.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 4. A generation submits between
 * {@link #enter} and {@link #leave}, and the next one can't begin in between. So a submission is
 * complete when the next generation begins, or it is refused.
 *
 * <p>Threads: guarded by its lock, under which nothing may wait.
 */
public final class ShardFence {

  private final int shard;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private long generation;

  @GuardedBy("lock")
  private Revision revision;

  /** No generation has begun. */
  public ShardFence(int shard, Revision first) {
    this.shard = shard;
    this.revision = first;
  }

  /** Runs an action while no generation is between {@link #enter} and {@link #leave}. */
  public <T> T exclusively(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins a generation, and fences all earlier ones.
   *
   * @param store makes the store of this generation, when the earlier ones are fenced
   * @throws IllegalArgumentException if the generation is not a later one
   */
  public <T> T begin(long next, Supplier<T> store) {
    lock.lock();
    try {
      if (next <= generation) {
        throw new IllegalArgumentException(
            "Generation %d of shard %d does not follow %d.".formatted(next, shard, generation));
      }
      generation = next;
      return store.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps the next generation from beginning until {@link #leave}.
   *
   * @throws FencedException if a later generation has begun
   */
  @SuppressWarnings("GuardedBy")
  public void enter(long mine) {
    lock.lock();
    if (mine != generation) {
      long now = generation;
      lock.unlock();
      throw new FencedException(shard, mine, now);
    }
  }

  /** Ends what {@link #enter} began, on the same thread. */
  public void leave() {
    lock.unlock();
  }

  /** Raises the last revision to this one, if it is less. */
  public void raise(Revision least) {
    lock.lock();
    try {
      if (revision.compareTo(least) < 0) {
        revision = least;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The last revision of the shard. */
  public Revision revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }
}
