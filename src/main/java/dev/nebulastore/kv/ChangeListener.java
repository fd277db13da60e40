package dev.nebulastore.kv;

import java.util.List;

/** Is told of what a shard committed. */
@FunctionalInterface
public interface ChangeListener {

  /**
   * These changes are committed and not yet acknowledged. Called on the worker's thread, in the
   * order of revisions: an implementation returns at once and never blocks.
   */
  void committed(int shard, List<Change> changes);
}
