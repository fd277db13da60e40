package dev.nebulastore.watch;

import dev.nebulastore.time.Execution;

/** Creates the hub of a simulation. */
public final class SimulatedWatch {

  private static final int MAX_SUBSCRIBERS = 10;
  private static final long EPOCH = 1;

  private final WatchHub hub;

  /** A hub that keeps this number of changes; not started yet. */
  public SimulatedWatch(Execution execution, int history) {
    hub =
        new WatchHub(execution, new ChangeHistory(history, Long.MAX_VALUE), MAX_SUBSCRIBERS, EPOCH);
  }

  /** The hub. */
  public WatchHub hub() {
    return hub;
  }

  /** Starts the dispatcher. */
  public void start() {
    hub.start();
  }

  /** Stops the dispatcher and ends all subscriptions. */
  public void end() {
    hub.end();
  }
}
