package dev.nebulastore.kv;

import java.util.List;

/** Is notified of what a shard committed. */
public interface ChangeListener {

  /**
   * These changes are committed and not yet acknowledged. For each shard the calls come one after
   * another, in the order of revisions, on a thread that others wait for: an implementation returns
   * at once and never blocks.
   */
  void committed(int shard, List<Change> changes);

  /**
   * It is uncertain whether these changes took effect. They were answered as unknown, and from now
   * on reads may show that they did: each may be part of what stands, or not, and is not reported
   * otherwise. Called as {@link #committed} is, in the same order.
   */
  void uncertain(int shard, List<Change> changes);
}
