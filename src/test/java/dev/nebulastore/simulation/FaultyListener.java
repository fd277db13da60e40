package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import java.util.List;

/**
 * Fails on what it is told, now and again.
 *
 * <p>Threads: confined to the simulation's.
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
