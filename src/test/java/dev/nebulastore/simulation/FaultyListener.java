package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import java.util.List;

/**
 * A listener that sometimes fails when it is notified.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
record FaultyListener(Faults faults) implements ChangeListener {

  @Override
  public void committed(int shard, List<Change> changes) {
    faults.whenTold();
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {
    faults.whenTold();
  }
}
