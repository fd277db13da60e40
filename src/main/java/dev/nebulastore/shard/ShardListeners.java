package dev.nebulastore.shard;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells all listeners, in the order in which they were added.
 *
 * <p>Threads: safe for all.
 */
final class ShardListeners implements ShardListener {

  private final List<ShardListener> all = new CopyOnWriteArrayList<>();

  void add(ShardListener listener) {
    all.add(listener);
  }

  @Override
  public void serving(int shard, long generation) {
    all.forEach(listener -> listener.serving(shard, generation));
  }

  @Override
  public void died(int shard, long generation, Throwable cause) {
    all.forEach(listener -> listener.died(shard, generation, cause));
  }

  @Override
  public void joined(int shard) {
    all.forEach(listener -> listener.joined(shard));
  }

  @Override
  public void left(int shard) {
    all.forEach(listener -> listener.left(shard));
  }
}
