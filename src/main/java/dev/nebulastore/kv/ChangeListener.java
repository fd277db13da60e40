package dev.nebulastore.kv;

import java.util.List;

/** Is told of what a shard committed. */
@FunctionalInterface
public interface ChangeListener {

  /**
   * These changes are committed and not yet acknowledged. For each shard the calls come one after
   * another, in the order of revisions, on a thread that others wait for: an implementation returns
   * at once and never blocks.
   */
  void committed(int shard, List<Change> changes);
}
