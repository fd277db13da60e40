package dev.nebulastore.shard;

/**
 * Is notified when workers start and die, and when shards are added and removed.
 *
 * <p>Threads: {@link #serving} and {@link #died} are called by the thread of the worker; the others
 * by the thread that changes the number of shards.
 */
public interface ShardListener {

  /** The worker of this generation has started to serve. */
  default void serving(int shard, long generation) {}

  /** The worker of this generation died of this cause; its shard waits for a successor. */
  default void died(int shard, long generation, Throwable cause) {}

  /** A shard was added, which has no worker yet. */
  default void joined(int shard) {}

  /** A shard was removed. */
  default void left(int shard) {}
}
