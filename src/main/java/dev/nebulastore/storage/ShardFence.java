package dev.nebulastore.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.ShardStore.FencedException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Which generation of a shard's worker may change its store at this time, and the last revision
 * that the shard gave: what all engines keep of a shard in the same way.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 4. What a generation does, it does
 * between {@link #enter} and {@link #leave}, where the next one can't begin. So it is done whole by
 * the time the next one has begun, or it is refused.
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

  /** Nobody's yet. */
  public ShardFence(int shard, Revision first) {
    this.shard = shard;
    this.revision = first;
  }

  /**
   * Fences all earlier generations.
   *
   * @param store makes what this one works with, when nobody else can do anything any more
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
   * Has no other generation begin until {@link #leave}.
   *
   * @throws FencedException if a later one than this has begun
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

  /** By who has entered. */
  public void leave() {
    lock.unlock();
  }

  /** Gives no revision up to this one any more. */
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

  /** The last revision that was given. */
  public Revision revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }
}
