package dev.nebulastore.shard;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells all listeners, also when one of them fails: what one does must not cost another a change.
 *
 * <p>Threads: immutable.
 */
record ChangeListeners(List<ChangeListener> all) implements ChangeListener {

  ChangeListeners {
    all = List.copyOf(all);
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    tell(listener -> listener.committed(shard, changes));
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {
    tell(listener -> listener.uncertain(shard, changes));
  }

  private void tell(Consumer<ChangeListener> call) {
    @Nullable RuntimeException failure = null;
    for (ChangeListener listener : all) {
      try {
        call.accept(listener);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
