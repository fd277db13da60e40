package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all listeners, even when one of them fails: a failure must neither cost another listener
 * the change nor kill the worker. Needs no memory, and never throws.
 *
 * <p>Threads: immutable.
 */
record ChangeListeners(List<ChangeListener> all) implements ChangeListener {

  private static final Logger log = LoggerFactory.getLogger(ChangeListeners.class);

  ChangeListeners {
    all = List.copyOf(all);
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    tell(shard, changes, true);
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {
    tell(shard, changes, false);
  }

  private void tell(int shard, List<Change> changes, boolean certain) {
    for (int i = 0; i < all.size(); i++) {
      try {
        if (certain) {
          all.get(i).committed(shard, changes);
        } else {
          all.get(i).uncertain(shard, changes);
        }
      } catch (Throwable e) {
        logQuietly(shard, e);
      }
    }
  }

  private static void logQuietly(int shard, Throwable e) {
    try {
      log.error("Shard {}: a listener failed on a change", shard, e);
    } catch (Throwable again) {
      // The change is committed, and the other listeners follow.
    }
  }
}
